package com.sdragent.imports.query;

import static com.sdragent.imports.query.QueryService.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import java.net.http.HttpResponse;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ShutdownIT {

  @Test
  void a_node_that_stops_answers_its_long_polls_and_ends_its_streams_at_once() {
    UUID id = UUID.randomUUID();
    CompletableFuture<HttpResponse<String>> poll;
    CompletableFuture<HttpResponse<String>> stream;
    try (var node = new QueryService()) {
      node.create(id);
      poll =
          CompletableFuture.supplyAsync(
              () -> node.ask("GET", "/imports/" + id + "?wait=60"), Thread::startVirtualThread);
      stream =
          CompletableFuture.supplyAsync(
              () -> node.ask("GET", "/events", "Accept", "text/event-stream"),
              Thread::startVirtualThread);
      MeterRegistry metrics = node.bean(MeterRegistry.class);
      await().until(() -> metrics.get("imports.reads.long.polls").gauge().value() == 1);
      await().until(() -> metrics.get("imports.feed.streams").gauge().value() == 1);
    }
    // Otherwise the web server would have waited for them, and given up.
    assertThat(json(poll.join()).get("status").stringValue()).isEqualTo("pending");
    assertThat(stream.join().body()).contains("ImportCreated");
  }
}
