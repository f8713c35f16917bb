package com.sdragent.imports.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sdragent.imports.events.EventRevisions;
import com.sdragent.imports.events.ImportDetailsChanged;
import com.sdragent.imports.events.ImportEventType;
import com.sdragent.imports.events.kafka.EventHeaders;
import com.sdragent.imports.events.kafka.ImportEventDeserializer;
import com.sdragent.imports.testservers.TestKafka;
import com.sdragent.imports.testservers.TestPostgres;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.Bean;
import org.springframework.http.MediaType;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.databind.node.ObjectNode;

/** A node of version N−1 beside one of version N that has stored what only N knows. */
class UnknownEventsIT {
  private static final int EVENTS_BETWEEN_SNAPSHOTS = 3;

  /** A snapshot of the same fold is whole, so a node of either version may decide on it. */
  private static final String NO_SNAPSHOTS = "--imports.aggregate.events-between-snapshots=1000";

  @Test
  void an_import_with_an_event_of_a_later_version_is_not_decided_on_and_the_others_are()
      throws Exception {
    var database = TestPostgres.freshDatabase();
    String known;
    String ahead;
    try (var service = node(database)) {
      known = service.create();
      ahead = service.create();
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

  /** Version N, in which the second revision of changed details is new. */
  static class VersionN {
    private static final EventRevisions REVISIONS =
        new EventRevisions(
            Map.of(ImportEventType.IMPORT_DETAILS_CHANGED, List.of(new Marked())),
            Set.of(ImportEventType.IMPORT_DETAILS_CHANGED));

    /** What revision 1 says beside is nothing that a node of version N−1 needs to know. */
    private static final class Marked implements EventRevisions.Step {
      @Override
      public ObjectNode toNext(ObjectNode event) {
        event.remove("written_for");
        return event;
      }

      @Override
      public ObjectNode toPrevious(ObjectNode event) {
        return event.put("written_for", "N-1");
      }
    }

    @Bean
    EventRevisions revisions() {
      return REVISIONS;
    }
  }

  @Test
  void a_new_revision_is_written_after_the_switch_and_until_then_both_versions_run() {
    var database = TestPostgres.freshDatabase();
    try (var before = node(database, NO_SNAPSHOTS)) {
      String id = before.create();
      try (var next =
          node(database, NO_SNAPSHOTS, "--spring.main.sources=" + VersionN.class.getName())) {
        assertThat(put(next, id, 1)).isEqualTo(200);
        assertThat(put(before, id, 2)).isEqualTo(200);
        assertThat(put(next, id, 3)).isEqualTo(200);
        assertThat(revisions(before, id)).isEqualTo("1 1 marked 1 1 marked");
      }
      try (var switched =
          node(
              database,
              NO_SNAPSHOTS,
              "--spring.main.sources=" + VersionN.class.getName(),
              "--imports.events.written-revisions.ImportDetailsChanged=2",
              "--imports.relay.enabled=true")) {
        assertThat(put(switched, id, 4)).isEqualTo(200);
        assertThat(revisions(before, id)).isEqualTo("1 1 marked 1 1 marked 2");
        assertThat(put(before, id, 5)).isEqualTo(503);
        assertThat(put(before, before.create(), 5)).isEqualTo(200);
        assertThat(put(switched, id, 6)).isEqualTo(200);
        assertThat(consumed(switched, id, 6))
            .containsExactly(
                "com.sdragent.imports.ImportCreated.v1",
                "com.sdragent.imports.ImportDetailsChanged.v1 1",
                "com.sdragent.imports.ImportDetailsChanged.v1 2",
                "com.sdragent.imports.ImportDetailsChanged.v1 3",
                "com.sdragent.imports.ImportDetailsChanged.v2 4",
                "com.sdragent.imports.ImportDetailsChanged.v2 6");
      }
    }
  }

  /** An import's records, as a consumer of version N reads them. */
  private static List<String> consumed(CommandService service, String id, int expected) {
    var events = new ArrayList<String>();
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers", TestKafka.bootstrapServers(), "isolation.level", "read_committed");
    try (var consumer =
        new KafkaConsumer<>(
            settings, new StringDeserializer(), new ImportEventDeserializer(VersionN.REVISIONS))) {
      await().until(() -> consumer.listTopics().containsKey(service.eventsTopic()));
      List<TopicPartition> partitions =
          consumer.partitionsFor(service.eventsTopic()).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      await()
          .until(
              () -> {
                for (var record : consumer.poll(Duration.ofMillis(100))) {
                  if (!record.key().equals(id)) continue;
                  String type = EventHeaders.text(record.headers(), EventHeaders.TYPE);
                  events.add(
                      record.value() instanceof ImportDetailsChanged changed
                          ? type + " " + changed.totalRows()
                          : String.valueOf(type));
                }
                return events.size() >= expected;
              });
    }
    return events;
  }

  private static String revisions(CommandService service, String id) {
    return Objects.requireNonNull(
        service
            .bean(JdbcTemplate.class)
            .queryForObject(
                """
                select string_agg(
                  revision || case when payload ->> 'written_for' is null then '' else ' marked' end,
                  ' ' order by sequence_number)
                from domain_event where aggregate_id = ?
                """,
                String.class,
                UUID.fromString(id)));
  }

  private static CommandService node(TestPostgres.Database database, String... settings) {
    return new CommandService(
            database,
            Stream.concat(
                    Stream.of(
                        "--imports.relay.enabled=false",
                        "--imports.aggregate.events-between-snapshots=" + EVENTS_BETWEEN_SNAPSHOTS),
                    Stream.of(settings))
                .toArray(String[]::new))
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

  private static int put(CommandService service, String id, int rows) {
    return service
        .client()
        .put()
        .uri("/imports/" + id)
        .contentType(MediaType.APPLICATION_JSON)
        .body("{\"total_rows\":" + rows + "}")
        .exchange((_, response) -> response.getStatusCode().value());
  }
}
