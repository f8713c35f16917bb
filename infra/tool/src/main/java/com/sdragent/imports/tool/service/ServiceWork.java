package com.sdragent.imports.tool.service;

import com.sdragent.imports.tool.terminal.Bar;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.function.BiConsumer;
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
   * @param bar says meanwhile that the service does not answer, when that is so
   * @param shower shows the state on the bar at each look
   * @return the state when the work had ended
   * @throws IOException when the service does not answer for 30 seconds, or says that this is an
   *     error, or this thread is interrupted
   */
  static JsonNode await(
      ServiceClient client, URI address, JsonNode first, Bar bar, BiConsumer<JsonNode, Bar> shower)
      throws IOException {
    JsonNode status = first;
    while (true) {
      shower.accept(status, bar);
      if (!status.required("state").asString().equals("running")) return status;
      status = next(client, address, bar);
    }
  }

  private static JsonNode next(ServiceClient client, URI address, Bar bar) throws IOException {
    long since = System.nanoTime();
    while (true) {
      pause();
      try {
        return client.ask("GET", address).body();
      } catch (ServiceUnavailableException e) {
        Duration lost = Duration.ofNanos(System.nanoTime() - since);
        if (lost.compareTo(PATIENCE) > 0) throw e;
        bar.noAnswerFor(lost, PATIENCE);
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
