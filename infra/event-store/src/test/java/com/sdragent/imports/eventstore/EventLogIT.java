package com.sdragent.imports.eventstore;

import static com.sdragent.imports.eventstore.EventStoreFixture.created;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.UUID;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EventLogIT {
  private final EventStoreFixture fixture = new EventStoreFixture();
  private final EventLog log = new EventLog(fixture.jdbc, new EventSerializer(List.of()));
  private final PostgresEventStorageEngine store = fixture.engine(log);

  @BeforeEach
  void store() {
    for (int i = 0; i < 5; i++) store.appendEvents(created(UUID.randomUUID()));
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void whoever_follows_the_log_shares_what_others_have_read_and_misses_nothing() {
    List<RecordedEvent> first = log.following(1, 100);
    assertThat(positions(first)).containsExactly(1L, 2L, 3L, 4L, 5L);
    store.appendEvents(created(UUID.randomUUID()));
    List<RecordedEvent> second = log.following(2, 100);
    assertThat(positions(second)).containsExactly(2L, 3L, 4L, 5L, 6L);
    assertThat(second.getFirst()).isSameAs(first.get(1));
    List<RecordedEvent> third = log.following(6, 100);
    assertThat(third).containsExactly(second.getLast());
    assertThat(positions(log.following(3, 2))).containsExactly(3L, 4L);
    assertThat(log.following(7, 100)).isEmpty();
  }

  @Test
  void what_was_read_before_the_store_went_back_is_not_believed() {
    List<RecordedEvent> lost = log.following(1, 100);
    fixture.jdbc.update("delete from domain_event where position > 3");
    assertThat(positions(log.following(1, 100))).containsExactly(1L, 2L, 3L);
    for (int i = 0; i < 3; i++) store.appendEvents(created(UUID.randomUUID()));
    List<RecordedEvent> now = log.following(3, 100);
    assertThat(positions(now)).containsExactly(3L, 4L, 5L, 6L);
    assertThat(now.get(1).eventId()).isNotEqualTo(lost.get(3).eventId());
  }

  @Test
  void what_this_node_has_stored_is_not_read_back() {
    log.following(1, 100);
    for (int i = 0; i < 2; i++) store.appendEvents(created(UUID.randomUUID()));
    List<RecordedEvent> stored = log.eventsAfter(4, 100);
    fixture.jdbc.update(
        "update domain_event set metadata = '{\"actor\": \"read\"}' where position = 6");
    List<RecordedEvent> shared = log.following(5, 100);
    assertThat(shared).extracting(RecordedEvent::actor).containsOnly("a test");
    assertThat(shared)
        .extracting(EventLogIT::described)
        .isEqualTo(stored.stream().map(EventLogIT::described).toList());
  }

  @Test
  void the_size_of_the_log_is_told_and_what_postgresql_has_to_do_for_it() {
    var metrics = new SimpleMeterRegistry();
    new StoreGrowth(fixture.jdbc).bindTo(metrics);
    ToDoubleFunction<String> gauge = name -> metrics.get("imports.store." + name).gauge().value();
    for (String part : List.of("table", "indexes")) {
      assertThat(metrics.get("imports.store.bytes").tag("part", part).gauge().value())
          .isGreaterThan(8191);
    }
    assertThat(gauge.applyAsDouble("freeze.age")).isPositive();
    // A session tells what it did when it ends; one that stays takes ten seconds.
    fixture.jdbc.queryForList(
        "select pg_terminate_backend(pid) from pg_stat_activity"
            + " where datname = current_database() and application_name = 'imports appender'");
    await().until(() -> gauge.applyAsDouble("not.vacuumed.events") == 5);
    // It comes after each 100,000 events, however many there are, and freezes all that it sees.
    assertThat(
            fixture.jdbc.queryForList(
                "select unnest(reloptions) from pg_class where oid = 'domain_event'::regclass",
                String.class))
        .contains(
            "autovacuum_vacuum_insert_scale_factor=0",
            "autovacuum_vacuum_insert_threshold=100000",
            "autovacuum_freeze_min_age=0");
  }

  @Test
  void what_was_stored_after_events_of_another_node_is_shared_only_with_those() {
    log.following(1, 100);
    fixture.engine().appendEvents(created(UUID.randomUUID()));
    store.appendEvents(created(UUID.randomUUID()));
    assertThat(positions(log.following(3, 100))).containsExactly(3L, 4L, 5L, 6L, 7L);
    store.appendEvents(created(UUID.randomUUID()));
    assertThat(positions(log.following(3, 100))).containsExactly(3L, 4L, 5L, 6L, 7L, 8L);
  }

  @Test
  void what_was_stored_after_the_store_went_back_does_not_prove_what_was_lost() {
    List<RecordedEvent> lost = log.following(1, 100);
    fixture.jdbc.update("delete from domain_event where position > 3");
    PostgresEventStorageEngine another = fixture.engine();
    for (int i = 0; i < 2; i++) another.appendEvents(created(UUID.randomUUID()));
    store.appendEvents(created(UUID.randomUUID()));
    List<RecordedEvent> now = log.following(3, 100);
    assertThat(positions(now)).containsExactly(3L, 4L, 5L, 6L);
    assertThat(now).doesNotContainAnyElementsOf(lost.subList(3, 5));
    assertThat(now.get(2).eventId()).isNotEqualTo(lost.get(4).eventId());
  }

  /** All that is told of an event. */
  private static List<Object> described(RecordedEvent event) {
    return List.of(
        event.position(),
        event.eventId(),
        event.importId(),
        event.orgId(),
        event.sequence(),
        event.type(),
        event.revision(),
        event.occurredAt(),
        event.event(),
        event.metaData(),
        new String(event.payload(), UTF_8));
  }

  private static List<Long> positions(List<RecordedEvent> events) {
    return events.stream().map(RecordedEvent::position).toList();
  }
}
