package com.sdragent.imports.tool;

import java.io.IOException;
import java.net.URI;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/** Work that the service goes on with by itself, looked at until it has ended. */
final class ServiceWork {
  private static final int LOOK_EVERY_MILLIS = 250;

  private ServiceWork() {}

  /**
   * Waits for the end.
   *
   * @param address where the service shows how it stands
   * @param first how it stood when it was asked for
   * @param looker is shown how it stands, each time that it is looked at
   * @return how it stood when it had ended
   * @throws IOException when the service does not answer, or this thread is interrupted
   */
  static JsonNode await(
      ServiceClient client, URI address, JsonNode first, Consumer<JsonNode> looker)
      throws IOException {
    JsonNode status = first;
    while (true) {
      looker.accept(status);
      if (!status.get("state").asString().equals("running")) return status;
      try {
        Thread.sleep(LOOK_EVERY_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("Interrupted; the service goes on", e);
      }
      status = client.ask("GET", address).body();
    }
  }
}
