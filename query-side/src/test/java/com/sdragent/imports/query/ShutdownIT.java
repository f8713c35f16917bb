package com.sdragent.imports.query;

import static com.sdragent.imports.query.QueryService.json;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ShutdownIT {

  @Test
  void a_node_that_stops_ends_what_would_wait_and_answers_a_list_as_if_it_went_on()
      throws Exception {
    UUID id = UUID.randomUUID();
    UUID later = UUID.randomUUID();
    var node = new QueryService("--imports.query.max-wait=15s");
    node.create(id);
    CompletableFuture<HttpResponse<String>> poll = ask(node, "/imports/" + id + "?wait=60");
    CompletableFuture<HttpResponse<String>> stream =
        ask(node, "/events", "Accept", "text/event-stream");
    MeterRegistry metrics = node.bean(MeterRegistry.class);
    await().until(() -> metrics.get("imports.reads.long.polls").gauge().value() == 1);
    await().until(() -> metrics.get("imports.feed.streams").gauge().value() == 1);

    CompletableFuture<HttpResponse<String>> list;
    CompletableFuture<Void> stopped;
    try (Connection holder = requireNonNull(node.store().getDataSource()).getConnection();
        var statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      statement.execute("select from projection for update");
      node.create(later);
      list = ask(node, "/imports/");
      await()
          .until(
              () ->
                  metrics
                          .get("imports.projection.waiting")
                          .tag("projection", "imports")
                          .gauge()
                          .value()
                      == 1);
      stopped = CompletableFuture.runAsync(node::close);
      // From here on the web server waits for its requests, and all that they need goes on.
      await().until(() -> !node.accepts());
      holder.rollback();
    }
    assertThat(list.join().headers().firstValue("X-Projection-Lag")).isEmpty();
    assertThat(list.join().body()).contains(later.toString());
    // Otherwise the web server would have waited for them, and given up.
    assertThat(json(poll.join()).get("status").stringValue()).isEqualTo("pending");
    assertThat(stream.join().body()).contains("ImportCreated");
    stopped.join();
  }

  private static CompletableFuture<HttpResponse<String>> ask(
      QueryService node, String path, String... headers) {
    return CompletableFuture.supplyAsync(
        () -> node.ask("GET", path, headers), Thread::startVirtualThread);
  }
}
