package com.sdragent.imports.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpResponse;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** A node of version N−1 whose store holds what only version N knows. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class UnknownEventsIT {
  private QueryService node;

  @BeforeAll
  void start() {
    node = new QueryService("--imports.query.max-wait=100ms");
  }

  @AfterAll
  void stop() {
    node.close();
  }

  @Test
  void stop_the_projection_with_a_clear_message_and_it_goes_on_after_the_roll_out() {
    UUID known = UUID.randomUUID();
    UUID ahead = UUID.randomUUID();
    UUID later = UUID.randomUUID();
    node.create(known);
    node.create(ahead);
    long position = node.append(ahead, 1, "ImportArchived", 1, "{}");
    node.create(later);

    // The projection has taken what came before, and says why it does not go on.
    String problem =
        "The event at position "
            + position
            + " has a type or revision that this version does not know: upgrade this node";
    await().untilAsserted(() -> assertThat(health().statusCode()).isEqualTo(503));
    assertThat(health().body()).contains(problem).contains("\"parked\":0");
    assertThat(projected()).isEqualTo(position - 1);
    assertThat(rows(known)).isEqualTo(1);
    assertThat(rows(later)).isZero();

    // What it knows it answers from the events; on what it does not know it answers nothing.
    assertThat(node.ask("GET", "/imports/" + known).statusCode()).isEqualTo(200);
    assertThat(node.ask("GET", "/imports/" + later).statusCode()).isEqualTo(200);
    HttpResponse<String> list = node.ask("GET", "/imports/");
    assertThat(list.statusCode()).isEqualTo(200);
    assertThat(list.headers().firstValue("X-Projection-Lag")).contains("2");
    for (String path :
        new String[] {
          "/imports/" + ahead,
          "/imports/" + ahead + "/events",
          "/imports/" + ahead + "?as_of=2999-01-01T00:00:00Z",
          "/imports/?as_of=2999-01-01T00:00:00Z",
          "/events"
        }) {
      HttpResponse<String> unknown = node.ask("GET", path);
      assertThat(unknown.statusCode()).as(path + unknown.body()).isEqualTo(503);
      assertThat(unknown.headers().firstValue("Retry-After")).isPresent();
      assertThat(unknown.body()).contains("does not know the event at position " + position);
    }
    assertThat(node.ask("GET", "/imports/" + ahead + "?as_of=2024-10-06T12:00:00Z").statusCode())
        .isEqualTo(200);
    // A stream brings what it can, and ends.
    String stream =
        node.ask("GET", "/events?after=" + (position - 2), "Accept", "text/event-stream").body();
    assertThat(stream).doesNotContain("ImportArchived");

    // The roll-out: here the event becomes one that this version knows.
    node.store()
        .update(
            "update domain_event set event_type = 'ImportDeleted', payload = json_build_object("
                + "'import_id', aggregate_id, 'org_id', organization, 'occurred_at', occurred_at)"
                + " where position = ?",
            position);
    await().untilAsserted(() -> assertThat(health().statusCode()).isEqualTo(200));
    assertThat(projected()).isEqualTo(position + 1);
    assertThat(rows(later)).isEqualTo(1);
    assertThat(node.ask("GET", "/imports/" + ahead).statusCode()).isEqualTo(404);
  }

  private HttpResponse<String> health() {
    return node.ask("GET", "/actuator/health");
  }

  private long projected() {
    return count("select max(position) from projection_position");
  }

  private long rows(UUID id) {
    return count("select count(*) from import_view where id = '" + id + "'");
  }

  private long count(String select) {
    Long count = node.store().queryForObject(select, Long.class);
    return count == null ? -1 : count;
  }
}
