package com.sdragent.imports.eventstore;

import static com.sdragent.imports.eventstore.EventStoreFixture.NOON;
import static com.sdragent.imports.eventstore.EventStoreFixture.all;
import static com.sdragent.imports.eventstore.EventStoreFixture.changed;
import static com.sdragent.imports.eventstore.EventStoreFixture.created;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sdragent.imports.events.EventRevisions;
import com.sdragent.imports.events.ImportDeleted;
import com.sdragent.imports.events.ImportEvent;
import com.sdragent.imports.events.ImportEventType;
import com.sdragent.imports.eventstore.EventStoreFixture.SnapshotOfATest;
import com.sdragent.imports.eventstore.append.EventStoreProperties;
import com.sdragent.imports.eventstore.append.EventStoreUnavailableException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.eventhandling.GenericEventMessage;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.messaging.GenericMessage;
import org.axonframework.messaging.unitofwork.DefaultUnitOfWork;
import org.axonframework.modelling.command.AggregateStreamCreationException;
import org.axonframework.modelling.command.ConcurrencyException;
import org.axonframework.serialization.SerializationException;
import org.axonframework.serialization.UnknownSerializedType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PostgresEventStorageEngineIT {
  private final EventStoreFixture fixture = new EventStoreFixture();
  private final PostgresEventStorageEngine engine = fixture.engine();
  private final UUID id = UUID.randomUUID();

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void what_was_appended_is_read_back_as_it_was() {
    DomainEventMessage<ImportEvent> event = created(id);
    engine.appendEvents(event);

    var read = engine.readEvents(id.toString()).asStream().toList();

    assertThat(read).hasSize(1);
    DomainEventMessage<?> stored = read.getFirst();
    assertThat(stored.getPayload()).isEqualTo(event.getPayload());
    assertThat(stored.getIdentifier()).isEqualTo(event.getIdentifier());
    assertThat(stored.getSequenceNumber()).isZero();
    assertThat(stored.getAggregateIdentifier()).isEqualTo(id.toString());
    assertThat(stored.getMetaData()).containsEntry("actor", "a test").hasSize(1);
    assertThat(stored.getTimestamp()).isEqualTo(NOON);
  }

  @Test
  void no_java_name_reaches_the_store() {
    engine.appendEvents(created(id), changed(id, 1));
    var rows =
        fixture.jdbc.queryForList("select row_to_json(e)::text from domain_event e", String.class);
    assertThat(rows).hasSize(2).noneMatch(row -> row.contains("com.sdragent"));
    assertThat(
            fixture.jdbc.queryForList(
                "select event_type || ' ' || revision from domain_event order by position",
                String.class))
        .containsExactly("ImportCreated 1", "ImportStatusChanged 1");
  }

  @Test
  void an_import_s_events_are_read_from_any_sequence_number_across_batches() {
    engine.appendEvents(created(id));
    for (int i = 1; i <= 30; i++) engine.appendEvents(changed(id, i));
    assertThat(
            engine
                .readEvents(id.toString(), 12)
                .asStream()
                .map(DomainEventMessage::getSequenceNumber))
        .containsExactlyElementsOf(LongStream.rangeClosed(12, 30).boxed().toList());
    assertThat(engine.lastSequenceNumberFor(id.toString())).contains(30L);
    assertThat(engine.lastSequenceNumberFor(UUID.randomUUID().toString())).isEmpty();
  }

  @Test
  void an_id_that_was_used_is_refused_as_a_stream_that_exists() {
    engine.appendEvents(created(id));
    assertThatThrownBy(() -> engine.appendEvents(created(id)))
        .isInstanceOf(AggregateStreamCreationException.class);
    assertThat(all(engine)).hasSize(1);
  }

  @Test
  void a_sequence_number_that_is_taken_is_refused_as_a_conflict() {
    engine.appendEvents(created(id), changed(id, 1));
    assertThatThrownBy(() -> engine.appendEvents(changed(id, 1)))
        .isInstanceOf(ConcurrencyException.class);
  }

  @Test
  void a_sequence_number_that_leaves_a_gap_is_refused_too() {
    engine.appendEvents(created(id));
    assertThatThrownBy(() -> engine.appendEvents(changed(id, 2)))
        .isInstanceOf(ConcurrencyException.class);
  }

  @Test
  void the_events_of_one_command_are_stored_together_or_not_at_all() {
    engine.appendEvents(created(id), changed(id, 1));
    assertThatThrownBy(() -> engine.appendEvents(changed(id, 1), changed(id, 2)))
        .isInstanceOf(ConcurrencyException.class);
    assertThat(all(engine)).hasSize(2);
  }

  @Test
  void what_follows_an_event_of_another_history_is_refused_although_its_number_is_right() {
    engine.appendEvents(created(id));
    LastEvent known = engine.lastEventOf(id).orElseThrow();
    assertThatThrownBy(() -> appendAfter(UUID.randomUUID(), changed(id, 1)))
        .isInstanceOf(ConcurrencyException.class);
    assertThat(engine.lastEventOf(id)).contains(known);

    DomainEventMessage<?> next = changed(id, 1);
    appendAfter(known.eventId(), next, changed(id, 2));

    assertThat(engine.lastEventOf(id).orElseThrow().sequenceNumber()).isEqualTo(2);
    assertThat(engine.lastEventOf(UUID.randomUUID())).isEmpty();
  }

  @Test
  void what_a_unit_of_work_appends_later_follows_what_it_appended_before() {
    engine.appendEvents(created(id));
    UUID known = engine.lastEventOf(id).orElseThrow().eventId();
    var unitOfWork = DefaultUnitOfWork.startAndGet(new GenericMessage<>("a command"));
    try {
      PostgresEventStorageEngine.followed(unitOfWork, id, known);
      engine.appendEvents(changed(id, 1));
      engine.appendEvents(changed(id, 2));
    } finally {
      unitOfWork.rollback();
    }
    assertThat(all(engine)).hasSize(3);
  }

  private void appendAfter(UUID last, DomainEventMessage<?>... events) {
    var unitOfWork = DefaultUnitOfWork.startAndGet(new GenericMessage<>("a command"));
    try {
      PostgresEventStorageEngine.followed(unitOfWork, id, last);
      engine.appendEvents(events);
    } finally {
      unitOfWork.rollback();
    }
  }

  @Test
  void what_is_no_event_of_an_import_is_refused() {
    assertThatThrownBy(() -> engine.appendEvents(new GenericEventMessage<>("text")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void of_two_nodes_that_race_for_a_sequence_number_one_wins_and_no_position_is_missing()
      throws Exception {
    var nodes = List.of(engine, fixture.engine());
    engine.appendEvents(created(id));
    int rounds = 100;
    int writers = 8;
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int round = 1; round <= rounds; round++) {
        long sequence = round;
        var start = new CountDownLatch(1);
        var attempts = new ArrayList<Future<Boolean>>();
        for (int writer = 0; writer < writers; writer++) {
          var node = nodes.get(writer % nodes.size());
          attempts.add(threads.submit(appending(node, start, sequence)));
        }
        start.countDown();
        int won = 0;
        for (Future<Boolean> attempt : attempts) {
          if (attempt.get(30, TimeUnit.SECONDS)) won++;
        }
        assertThat(won).as("winners of sequence number %d", sequence).isEqualTo(1);
      }
    }
    // Each loser stored another import's event instead.
    assertGapless(1 + rounds * writers);
  }

  private Callable<Boolean> appending(
      PostgresEventStorageEngine node, CountDownLatch start, long sequence) {
    return () -> {
      start.await();
      try {
        node.appendEvents(changed(id, sequence));
        return true;
      } catch (ConcurrencyException e) {
        node.appendEvents(created(UUID.randomUUID()));
        return false;
      }
    };
  }

  @Test
  void positions_are_gapless_and_never_become_visible_out_of_order() throws Exception {
    var nodes = List.of(engine, fixture.engine(), fixture.engine());
    int writers = 24;
    int each = 100;
    long events = 2400;
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var reader =
          threads.submit(
              () -> {
                long seen = 0;
                while (seen < events) {
                  long after = seen;
                  try (var stream =
                      engine.readEvents(new GlobalSequenceTrackingToken(after), false)) {
                    for (var next = stream.iterator(); next.hasNext(); ) {
                      long position = next.next().trackingToken().position().orElseThrow();
                      assertThat(position).isEqualTo(seen + 1);
                      seen = position;
                    }
                  }
                }
                return seen;
              });
      var writing = new ArrayList<Future<?>>();
      for (int writer = 0; writer < writers; writer++) {
        var node = nodes.get(writer % nodes.size());
        writing.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < each; i++) node.appendEvents(created(UUID.randomUUID()));
                }));
      }
      for (Future<?> writer : writing) writer.get(60, TimeUnit.SECONDS);
      assertThat(reader.get(60, TimeUnit.SECONDS)).isEqualTo(events);
    }
    assertGapless(events);
  }

  @Test
  void head_and_tail_are_found_and_a_time_is_not_looked_for() {
    assertThat(engine.head()).isZero();
    assertThat(engine.createHeadToken()).isEqualTo(engine.createTailToken());
    engine.appendEvents(created(id));
    engine.appendEvents(changed(id, 1), changed(id, 2), changed(id, 3));

    assertThat(engine.head()).isEqualTo(4);
    assertThat(engine.createHeadToken()).isEqualTo(new GlobalSequenceTrackingToken(4));
    assertThat(engine.createTailToken()).isEqualTo(new GlobalSequenceTrackingToken(0));
    assertThatThrownBy(() -> engine.createTokenAt(NOON))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void the_last_snapshot_is_kept_and_an_earlier_one_does_not_replace_it() {
    List<String> events = threeChanges();
    engine.storeSnapshot(snapshot(1, events.get(1)));
    engine.storeSnapshot(snapshot(3, events.get(3)));
    engine.storeSnapshot(snapshot(2, events.get(2)));
    var read = engine.readSnapshot(id.toString()).orElseThrow();
    assertThat(read.getSequenceNumber()).isEqualTo(3);
    assertThat(read.getPayload()).isEqualTo(new SnapshotOfATest("at 3", events.get(3)));
    assertThat(engine.readSnapshot(UUID.randomUUID().toString())).isEmpty();
  }

  @Test
  void a_snapshot_is_not_read_when_the_store_has_another_event_at_its_place() {
    List<String> events = threeChanges();
    engine.storeSnapshot(snapshot(3, events.get(3)));
    assertThat(engine.readSnapshot(id.toString())).isPresent();
    fixture.jdbc.update("delete from domain_event where position = 4");
    engine.appendEvents(changed(id, 3));
    assertThat(engine.readSnapshot(id.toString())).isEmpty();
  }

  /** Stores an import with three changes, and returns the ids of all four events. */
  private List<String> threeChanges() {
    List<DomainEventMessage<ImportEvent>> events =
        List.of(created(id), changed(id, 1), changed(id, 2), changed(id, 3));
    events.forEach(engine::appendEvents);
    return events.stream().map(DomainEventMessage::getIdentifier).toList();
  }

  private DomainEventMessage<?> snapshot(long sequence, String lastEvent) {
    return new GenericDomainEventMessage<>(
        "Import", id.toString(), sequence, new SnapshotOfATest("at " + sequence, lastEvent));
  }

  @ParameterizedTest
  @EnumSource
  void every_approved_shape_is_read_from_the_store(ImportEventType type) throws Exception {
    String approved = "";
    for (int revision = 1; revision <= type.revision(); revision++) {
      try (InputStream file =
          ImportEvent.class.getResourceAsStream(
              "corpus/" + type.logicalName() + "." + revision + ".json")) {
        approved = new String(Objects.requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8);
      }
      insert(type.logicalName(), revision, approved);
    }
    assertThat(all(engine))
        .hasSize(type.revision())
        .allMatch(event -> type.eventClass().isInstance(event.getPayload()));
    Object newest = all(engine).getLast().getPayload();
    assertThat(engine.getEventSerializer().serialize(newest, String.class).getData())
        .isEqualTo(approved.strip());
  }

  @Test
  void a_field_that_a_later_version_added_is_ignored() {
    insert(
        "ImportDeleted",
        1,
        "{\"import_id\":\"%s\",\"org_id\":\"%s\",\"occurred_at\":\"2024-10-06T13:15:00Z\",\"why\":\"x\"}"
            .formatted(id, id));
    assertThat(all(engine).getFirst().getPayload()).isInstanceOf(ImportEvent.class);
  }

  @Test
  void an_unknown_type_or_revision_is_read_as_unknown() {
    insert("ImportArchived", 1, "{}");
    insert("ImportDeleted", 2, "{}");
    insert("java.util.ArrayList", 1, "{}");
    assertThat(all(engine)).allMatch(event -> event.getPayload() instanceof UnknownSerializedType);
  }

  @Test
  void an_event_of_an_earlier_revision_is_read_as_the_newest_and_a_newer_one_as_unknown() {
    var revisions =
        new EventRevisions(
            Map.of(
                ImportEventType.IMPORT_DELETED,
                List.of(
                    event -> {
                      event.set("import_id", event.required("id"));
                      return event;
                    })));
    var deleted = new ImportDeleted(id, id, EventStoreFixture.NOON);
    String second = engine.getEventSerializer().serialize(deleted, String.class).getData();
    insert("ImportDeleted", 1, second.replace("import_id", "id"));
    insert("ImportDeleted", 2, second);
    insert("ImportDeleted", 3, second);
    var log =
        new EventLog(
            fixture.jdbc,
            new EventSerializer(revisions, EventRevisionProperties.DEFAULTS, List.of()));
    assertThat(log.eventsAfter(0, 10))
        .extracting(RecordedEvent::event)
        .containsExactly(Optional.of(deleted), Optional.of(deleted), Optional.empty());
    assertThat(log.eventsAfter(0, 10)).extracting(RecordedEvent::revision).containsExactly(1, 2, 3);
  }

  @Test
  void what_is_stored_and_no_event_cannot_be_read() {
    insert("ImportDeleted", 1, "[]");
    assertThatThrownBy(() -> all(engine).getFirst().getPayload())
        .isInstanceOf(SerializationException.class);
  }

  @Test
  void closing_stores_what_was_accepted_and_refuses_what_comes_later() throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var appends = new HashMap<UUID, Future<?>>();
      for (int i = 0; i < 2000; i++) {
        UUID fresh = UUID.randomUUID();
        appends.put(fresh, threads.submit(() -> engine.appendEvents(created(fresh))));
      }
      engine.close();
      Set<UUID> present =
          Set.copyOf(
              fixture.jdbc.queryForList("select aggregate_id from domain_event", UUID.class));
      for (var append : appends.entrySet()) {
        boolean stored;
        try {
          append.getValue().get(10, TimeUnit.SECONDS);
          stored = true;
        } catch (java.util.concurrent.ExecutionException e) {
          assertThat(e.getCause()).isInstanceOf(EventStoreUnavailableException.class);
          stored = false;
        }
        assertThat(present.contains(append.getKey())).isEqualTo(stored);
      }
    }
    assertThatThrownBy(() -> engine.appendEvents(created(UUID.randomUUID())))
        .isInstanceOf(EventStoreUnavailableException.class);
  }

  @Test
  void a_connection_that_breaks_is_replaced_and_nothing_is_stored_twice() {
    for (int i = 0; i < 20; i++) {
      engine.appendEvents(created(UUID.randomUUID()));
      fixture.jdbc.execute(
          "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'imports"
              + " appender' and datname = current_database()");
    }
    engine.appendEvents(created(UUID.randomUUID()));
    assertGapless(21);
  }

  @Test
  void a_store_that_is_locked_is_told_as_unavailable_within_the_bound() throws Exception {
    var hasty =
        new EventStoreProperties(
            Duration.ofMillis(600), Duration.ofMillis(200), 1000, Duration.ofMillis(2), 10, 10, 7);
    var bounded = fixture.engine(hasty);
    bounded.appendEvents(created(UUID.randomUUID()));
    try (var other = Objects.requireNonNull(fixture.jdbc.getDataSource()).getConnection();
        var statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("lock table domain_event in access exclusive mode");
      assertThatThrownBy(() -> bounded.appendEvents(created(id)))
          .isInstanceOf(EventStoreUnavailableException.class);
      other.rollback();
    }
    bounded.appendEvents(created(id));
    assertThat(engine.readEvents(id.toString()).asStream()).hasSize(1);
  }

  @Test
  void a_notification_wakes_other_nodes() throws Exception {
    try (var notifications = fixture.notifications(Duration.ofSeconds(15))) {
      var listening = new CountDownLatch(1);
      notifications.on(Notifications.Channel.DOMAIN_EVENT, _ -> listening.countDown());
      assertThat(listening.await(10, TimeUnit.SECONDS)).isTrue();
      var woken = new CountDownLatch(1);
      notifications.on(Notifications.Channel.DOMAIN_EVENT, _ -> woken.countDown());
      engine.appendEvents(created(id));
      assertThat(woken.await(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  private void insert(String type, int revision, String payload) {
    fixture.jdbc.update(
        """
        insert into domain_event (position, aggregate_id, sequence_number, event_id, event_type, revision, organization, occurred_at, payload, metadata, hash)
        select coalesce(max(position), 0) + 1, gen_random_uuid(), 0, gen_random_uuid(), ?, ?, gen_random_uuid(), now(), ?::json, '{}', sha256('')
        from domain_event
        """,
        type,
        revision,
        payload);
  }

  private void assertGapless(long events) {
    assertThat(
            fixture.jdbc.queryForList(
                "select position from domain_event order by position", Long.class))
        .containsExactlyElementsOf(LongStream.rangeClosed(1, events).boxed().toList());
  }
}
