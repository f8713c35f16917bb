package com.sdragent.imports.tool.service;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/** Work that the service does by itself, which is looked at until it has ended. */
final class ServiceWork {
  private static final int LOOK_EVERY_MILLIS = 250;
  // This is as long as a node takes to start again, or another takes to take over its work.
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private ServiceWork() {}

  /**
   * Waits for the end. The work survives a restart of the service, so the wait does too.
   *
   * @param address where the service shows the state of the work
   * @param first its state when it was asked for
   * @param looker is shown the state at each look
   * @return the state when the work had ended
   * @throws IOException when the service does not answer for 30 seconds, or says that this is an
   *     error, or this thread is interrupted
   */
  static JsonNode await(
      ServiceClient client, URI address, JsonNode first, Consumer<JsonNode> looker)
      throws IOException {
    JsonNode status = first;
    while (true) {
      looker.accept(status);
      if (!status.get("state").asString().equals("running")) return status;
      status = next(client, address);
    }
  }

  private static JsonNode next(ServiceClient client, URI address) throws IOException {
    long since = System.nanoTime();
    while (true) {
      pause();
      try {
        return client.ask("GET", address).body();
      } catch (ServiceUnavailableException e) {
        if (System.nanoTime() - since > PATIENCE.toNanos()) throw e;
      }
    }
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(LOOK_EVERY_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted; the service goes on", e);
    }
  }
}
