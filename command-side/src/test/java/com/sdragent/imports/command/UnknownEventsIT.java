package com.sdragent.imports.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sdragent.imports.testservers.TestPostgres;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.springframework.http.MediaType;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.web.client.RestClient;
import tools.jackson.databind.JsonNode;

/** A node of version N−1 beside one of version N that has stored what only N knows. */
class UnknownEventsIT {
  private static final int EVENTS_BETWEEN_SNAPSHOTS = 3;

  @Test
  void an_import_with_an_event_of_a_later_version_is_not_decided_on_and_the_others_are()
      throws Exception {
    var database = TestPostgres.freshDatabase();
    String known;
    String ahead;
    try (var service = node(database)) {
      known = create(service);
      ahead = create(service);
      append(service, ahead, 1, 2);
      // From the cache, which ends before that event, and anew.
      for (int i = 0; i < 2; i++) {
        assertThat(put(service, ahead, i)).isEqualTo(503);
        assertThat(put(service, ahead, 0)).isEqualTo(503);
        assertThat(put(service, known, 10 + i)).isEqualTo(200);
      }
      assertThat(events(service, ahead)).isEqualTo(2);
      assertThat(events(service, known)).isEqualTo(3);
    }
    // By now a snapshot would be due, with an event in it that was not understood.
    try (var service = node(database)) {
      for (int i = 2; i < 4; i++) append(service, ahead, i, 1);
      assertThat(put(service, ahead, 1)).isEqualTo(503);
      assertThat(put(service, known, 12)).isEqualTo(200);
      assertThat(put(service, known, 13)).isEqualTo(200);
      await().until(() -> snapshots(service, known) == 1);
      var writing = service.bean(ExecutorService.class);
      writing.submit(() -> {}).get(10, TimeUnit.SECONDS);
      assertThat(snapshots(service, ahead)).isZero();
      assertThat(events(service, ahead)).isEqualTo(4);
    }
  }

  private static CommandService node(TestPostgres.Database database) {
    return new CommandService(
            database,
            "--imports.relay.enabled=false",
            "--imports.aggregate.events-between-snapshots=" + EVENTS_BETWEEN_SNAPSHOTS)
        .allowingHandMadeEvents();
  }

  private static void append(CommandService service, String id, int sequence, int revision) {
    service
        .bean(JdbcTemplate.class)
        .update(
            """
            insert into domain_event (position, aggregate_id, sequence_number, event_id, event_type,
              revision, organization, occurred_at, payload, metadata)
            select (select max(position) + 1 from domain_event), aggregate_id, ?,
              gen_random_uuid(), 'ImportDeleted', ?, organization, occurred_at, payload, metadata
            from domain_event where aggregate_id = ? and sequence_number = 0
            """,
            sequence,
            revision,
            UUID.fromString(id));
  }

  private static int events(CommandService service, String id) {
    return count(service, "domain_event", id);
  }

  private static int snapshots(CommandService service, String id) {
    return count(service, "snapshot", id);
  }

  private static int count(CommandService service, String table, String id) {
    return Objects.requireNonNull(
        service
            .bean(JdbcTemplate.class)
            .queryForObject(
                "select count(*) from " + table + " where aggregate_id = ?",
                Integer.class,
                UUID.fromString(id)));
  }

  private static String create(CommandService service) {
    return client(service)
        .post()
        .uri("/imports/")
        .contentType(MediaType.APPLICATION_JSON)
        .body("{\"source\":\"HubSpot\",\"total_rows\":0}")
        .retrieve()
        .requiredBody(JsonNode.class)
        .required("id")
        .stringValue();
  }

  private static int put(CommandService service, String id, int rows) {
    return client(service)
        .put()
        .uri("/imports/" + id)
        .contentType(MediaType.APPLICATION_JSON)
        .body("{\"total_rows\":" + rows + "}")
        .exchange((_, response) -> response.getStatusCode().value());
  }

  private static RestClient client(CommandService service) {
    return RestClient.builder()
        .baseUrl(service.url())
        .defaultHeader("X-API-Key", CommandService.KEY)
        .build();
  }
}
