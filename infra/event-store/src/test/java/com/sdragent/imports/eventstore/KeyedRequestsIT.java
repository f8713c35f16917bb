package com.sdragent.imports.eventstore;

import static com.sdragent.imports.eventstore.EventStoreFixture.changed;
import static com.sdragent.imports.eventstore.EventStoreFixture.created;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sdragent.imports.eventstore.append.AnsweredBeforeException;
import com.sdragent.imports.eventstore.append.AppendOutcomeUnknownException;
import com.sdragent.imports.eventstore.append.EventStoreUnavailableException;
import com.sdragent.imports.eventstore.append.KeyedRequest;
import com.sdragent.imports.eventstore.append.OtherRequestException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.axonframework.commandhandling.GenericCommandMessage;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.messaging.MetaData;
import org.axonframework.messaging.unitofwork.DefaultUnitOfWork;
import org.axonframework.modelling.command.ConcurrencyException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Requests that are done once, however often they are sent under their key. */
class KeyedRequestsIT {
  private static final String ONE = "11".repeat(32);
  private static final String OTHER = "22".repeat(32);

  private final EventStoreFixture fixture = new EventStoreFixture();
  private final PostgresEventStorageEngine engine = fixture.engine();

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void the_second_time_a_request_gets_the_first_answer_and_stores_nothing() {
    send(engine, request("k", ONE), "first", created(UUID.randomUUID()));
    assertThatThrownBy(() -> send(engine, request("k", ONE), "no", created(UUID.randomUUID())))
        .isInstanceOfSatisfying(
            AnsweredBeforeException.class, e -> assertThat(e.answer()).isEqualTo("\"first\" '\\é"));
    assertThatThrownBy(() -> send(engine, request("k", OTHER), "no", created(UUID.randomUUID())))
        .isInstanceOf(OtherRequestException.class);
    assertThat(engine.head()).isOne();
    // Whatever is in a key, it is one.
    for (String key : List.of("'", "\\", "\"", "{a,b}", "K", "k".repeat(255))) {
      send(engine, request(key, ONE), key, created(UUID.randomUUID()));
      assertThatThrownBy(() -> send(engine, request(key, ONE), "", created(UUID.randomUUID())))
          .isInstanceOf(AnsweredBeforeException.class);
    }
    assertThat(engine.head()).isEqualTo(7);
  }

  @Test
  void another_organization_has_keys_of_its_own() {
    var theirs = new KeyedRequest(UUID.randomUUID(), "k", OTHER, result -> "theirs");
    send(engine, theirs, "theirs", created(UUID.randomUUID()));
    send(engine, request("k", ONE), "ours", created(UUID.randomUUID()));
    assertThat(engine.head()).isEqualTo(2);
  }

  @Test
  void a_key_is_known_for_24_hours() {
    send(engine, request("k", ONE), "first", created(UUID.randomUUID()));
    // Its last second may be over before it is asked for.
    await()
        .untilAsserted(
            () -> {
              age("23 hours 59 minutes 59 seconds");
              assertThatThrownBy(() -> engine.look(request("k", ONE), UUID.randomUUID()))
                  .isInstanceOf(AnsweredBeforeException.class);
            });
    age("24 hours");
    send(engine, request("k", ONE), "second", created(UUID.randomUUID()));
    assertThatThrownBy(() -> engine.look(request("k", ONE), UUID.randomUUID()))
        .isInstanceOfSatisfying(
            AnsweredBeforeException.class, e -> assertThat(e.answer()).contains("second"));
  }

  private void age(String age) {
    fixture.jdbc.update(
        "update idempotency_key set kept_at = clock_timestamp() - ?::interval", age);
  }

  @Test
  void an_answer_without_events_is_kept_while_its_import_is_what_it_was() {
    UUID id = UUID.randomUUID();
    engine.appendEvents(created(id));
    engine.look(request("k", ONE), id);
    LastEvent last = engine.lastEventOf(id).orElseThrow();
    // In a store that went back, the number is soon another event's.
    var gone = new LastEvent(last.sequenceNumber(), UUID.randomUUID());
    assertThatThrownBy(() -> engine.keep(request("k", ONE), "no", id, gone))
        .isInstanceOf(ConcurrencyException.class);
    engine.keep(request("k", ONE), "nothing to do", id, last);
    assertThatThrownBy(() -> engine.keep(request("k", ONE), "no", id, last))
        .isInstanceOf(AnsweredBeforeException.class);
    assertThatThrownBy(() -> engine.look(request("k", OTHER), id))
        .isInstanceOf(OtherRequestException.class);
    engine.appendEvents(changed(id, 1));
    assertThatThrownBy(() -> engine.keep(request("l", ONE), "no", id, last))
        .isInstanceOf(ConcurrencyException.class);
    engine.look(request("l", ONE), id);
    assertThat(engine.head()).isEqualTo(2);
  }

  @Test
  void nodes_are_told_where_the_last_event_is_and_of_no_batch_without_events() throws Exception {
    UUID id = UUID.randomUUID();
    try (Connection listener =
            Objects.requireNonNull(fixture.jdbc.getDataSource()).getConnection();
        var statement = listener.createStatement()) {
      statement.execute("listen domain_event");
      engine.appendEvents(created(id), changed(id, 1));
      engine.keep(request("k", ONE), "nothing to do", id, engine.lastEventOf(id).orElseThrow());
      send(engine, request("l", ONE), "yes", changed(id, 2));
      statement.execute("select 1");
      assertThat(listener.unwrap(PGConnection.class).getNotifications())
          .extracting(PGNotification::getParameter)
          .containsExactly("2", "3");
      statement.execute("unlisten *");
    }
  }

  @Test
  void where_keys_cannot_be_kept_commands_without_one_are_stored_all_the_same() throws Exception {
    fixture.jdbc.execute("alter table idempotency_key rename to taken_away");
    engine.appendEvents(created(UUID.randomUUID()));
    try (var threads = Executors.newVirtualThreadPerTaskExecutor();
        var other = fixture.lock()) {
      var first = threads.submit(() -> engine.appendEvents(created(UUID.randomUUID())));
      await().until(() -> fixture.waitingForLock() == 1);
      // These two are one batch.
      Future<?> keyed =
          threads.submit(() -> send(engine, request("k", ONE), "no", created(UUID.randomUUID())));
      var second = threads.submit(() -> engine.appendEvents(created(UUID.randomUUID())));
      await().until(() -> fixture.metrics.get("imports.append.queue").gauge().value() == 3);
      other.rollback();
      first.get(10, TimeUnit.SECONDS);
      second.get(10, TimeUnit.SECONDS);
      assertThatThrownBy(() -> keyed.get(10, TimeUnit.SECONDS))
          .hasCauseInstanceOf(EventStoreUnavailableException.class);
    }
    fixture.jdbc.execute("alter table taken_away rename to idempotency_key");
    send(engine, request("k", ONE), "yes", created(UUID.randomUUID()));
    assertThat(engine.head()).isEqualTo(4);
  }

  @Test
  void a_request_that_conflicts_keeps_no_answer() {
    UUID id = UUID.randomUUID();
    engine.appendEvents(created(id));
    assertThatThrownBy(() -> send(engine, request("k", ONE), "no", changed(id, 7)))
        .isInstanceOf(ConcurrencyException.class);
    send(engine, request("k", ONE), "yes", changed(id, 1));
    assertThat(engine.head()).isEqualTo(2);
  }

  @Test
  void requests_with_and_without_keys_share_a_batch() throws Exception {
    send(engine, request("used", ONE), "first", created(UUID.randomUUID()));
    UUID moved = UUID.randomUUID();
    engine.appendEvents(created(moved), changed(moved, 1));
    LastEvent last = engine.lastEventOf(moved).orElseThrow();
    List<Future<?>> good = new ArrayList<>();
    Future<?> repeated;
    Future<?> conflicted;
    Future<?> asked;
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      try (Connection other = fixture.lock()) {
        good.add(threads.submit(() -> engine.appendEvents(created(UUID.randomUUID()))));
        await().until(() -> fixture.waitingForLock() == 1);
        for (int i = 0; i < 5; i++) {
          String key = "k" + i;
          good.add(threads.submit(() -> engine.appendEvents(created(UUID.randomUUID()))));
          good.add(
              threads.submit(
                  () -> {
                    UUID id = UUID.randomUUID();
                    send(engine, request(key, ONE), key, created(id), changed(id, 1));
                  }));
          good.add(threads.submit(() -> engine.keep(request("n" + key, ONE), key, moved, last)));
        }
        repeated =
            threads.submit(
                () -> send(engine, request("used", ONE), "no", created(UUID.randomUUID())));
        conflicted = threads.submit(() -> send(engine, request("c", ONE), "no", changed(moved, 1)));
        asked = threads.submit(() -> engine.look(request("unknown", ONE), UUID.randomUUID()));
        other.rollback();
      }
      for (Future<?> one : good) one.get(10, TimeUnit.SECONDS);
      assertThatThrownBy(() -> repeated.get(10, TimeUnit.SECONDS))
          .hasCauseInstanceOf(AnsweredBeforeException.class);
      assertThatThrownBy(() -> conflicted.get(10, TimeUnit.SECONDS))
          .hasCauseInstanceOf(ConcurrencyException.class);
      asked.get(10, TimeUnit.SECONDS);
    }
    // 4 from before and under the lock, and of the five 1 and 2 each.
    assertThat(engine.head()).isEqualTo(4 + 15);
    assertThat(keys()).isEqualTo(1 + 10);
  }

  @Test
  void of_many_who_send_a_request_on_two_nodes_one_stores_it() throws Exception {
    var nodes = List.of(engine, fixture.engine());
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int round = 0; round < 20; round++) {
        String key = "k" + round;
        var answers = new ArrayList<Future<?>>();
        for (int i = 0; i < 8; i++) {
          var node = nodes.get(i % 2);
          answers.add(
              threads.submit(() -> send(node, request(key, ONE), key, created(UUID.randomUUID()))));
        }
        int stored = 0;
        for (Future<?> answer : answers) {
          try {
            answer.get(10, TimeUnit.SECONDS);
            stored++;
          } catch (ExecutionException e) {
            assertThat(e.getCause()).isInstanceOf(AnsweredBeforeException.class);
          }
        }
        assertThat(stored).isOne();
      }
    }
    assertThat(engine.head()).isEqualTo(20);
  }

  @Test
  void an_append_whose_answer_was_lost_does_not_take_itself_for_another() throws Exception {
    UUID unchanged = UUID.randomUUID();
    engine.appendEvents(created(unchanged));
    LastEvent last = engine.lastEventOf(unchanged).orElseThrow();
    try (var proxy = new CuttingProxy(fixture.address());
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var node = fixture.engineThrough(proxy.port(), EventStoreFixture.DEFAULTS);
      node.appendEvents(created(UUID.randomUUID()));
      int sent = 0;
      while (proxy.cuts() < 20) {
        proxy.cutAfterAppend();
        var appends = new ArrayList<Future<?>>();
        for (int i = 0; i < 3; i++) {
          String key = "k" + sent++;
          appends.add(
              threads.submit(() -> send(node, request(key, ONE), key, created(UUID.randomUUID()))));
        }
        String key = "n" + sent;
        appends.add(threads.submit(() -> node.keep(request(key, ONE), key, unchanged, last)));
        for (Future<?> append : appends) append.get(30, TimeUnit.SECONDS);
      }
      assertThat(engine.head()).isEqualTo(sent + 2);
      assertThat(keys()).isEqualTo(sent + sent / 3);
    }
  }

  @Test
  void a_request_whose_outcome_is_unknown_is_sent_again_and_stored_once() throws Exception {
    try (var proxy = new CuttingProxy(fixture.address());
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var node = fixture.engineThrough(proxy.port(), EventStoreFixture.HASTY);
      node.appendEvents(created(UUID.randomUUID()));
      try (Connection other = fixture.lock()) {
        proxy.cutAfterAppend();
        var first =
            threads.submit(
                () -> send(node, request("k", ONE), "first", created(UUID.randomUUID())));
        assertThatThrownBy(() -> first.get(10, TimeUnit.SECONDS))
            .hasCauseInstanceOf(AppendOutcomeUnknownException.class);
        // One that only asks stores nothing, and so it knows that.
        var asked = threads.submit(() -> node.look(request("k", ONE), UUID.randomUUID()));
        assertThatThrownBy(() -> asked.get(10, TimeUnit.SECONDS))
            .hasCauseInstanceOf(EventStoreUnavailableException.class);
        other.rollback();
      }
      await().until(() -> fixture.waitingForLock() == 0);
      // The lost statement was stored or not; the client sends it again elsewhere.
      assertThatCode(() -> send(engine, request("k", ONE), "second", created(UUID.randomUUID())))
          .satisfiesAnyOf(
              e -> assertThat(e).isNull(),
              e -> assertThat(e).isInstanceOf(AnsweredBeforeException.class));
      assertThat(engine.head()).isEqualTo(2);
      assertThat(keys()).isOne();
    }
  }

  @Test
  void a_partition_is_emptied_once_all_of_it_is_older_than_24_hours() throws Exception {
    fill("25 hours", 3);
    fill("23 hours", 1);
    try (Connection other = fixture.lock()) {
      // Looking whether there is something to do keeps nobody from appending.
      assertThat(empty()).isTrue();
      assertThat(keys()).isEqualTo(4);
      other.rollback();
    }
    fixture.jdbc.update("update idempotency_key set kept_at = kept_at - interval '2 hours'");
    send(engine, request("of today", ONE), "", created(UUID.randomUUID()));
    assertThat(empty()).isTrue();
    assertThat(keys()).isOne();
  }

  @Test
  void a_partition_that_somebody_reads_is_emptied_later_and_keeps_no_request_waiting()
      throws Exception {
    fill("25 hours", 3);
    try (Connection reader = Objects.requireNonNull(fixture.jdbc.getDataSource()).getConnection();
        var statement = reader.createStatement()) {
      reader.setAutoCommit(false);
      statement.execute("select count(*) from idempotency_key");
      assertThat(empty()).isFalse();
      send(engine, request("k", ONE), "", created(UUID.randomUUID()));
      assertThat(keys()).isEqualTo(4);
      reader.rollback();
    }
    assertThat(empty()).isTrue();
    assertThat(keys()).isOne();
  }

  @Test
  void answers_that_no_node_removed_in_time_are_deleted_beside_those_of_today() {
    fill("0 hours", "73 hours", 20_001);
    fill("0 hours", "47 hours", 1);
    send(engine, request("of today", ONE), "", created(UUID.randomUUID()));
    assertThat(empty()).isFalse();
    assertThat(keys()).isEqualTo(3);
    assertThat(empty()).isTrue();
    assertThat(keys()).isEqualTo(2);
  }

  @Test
  @ExtendWith(OutputCaptureExtension.class)
  void old_answers_that_stay_are_told_once_and_again_when_they_are_removed(CapturedOutput output)
      throws Exception {
    fill("25 hours", 3);
    var metrics = new SimpleMeterRegistry();
    try (Connection reader = Objects.requireNonNull(fixture.jdbc.getDataSource()).getConnection();
        var statement = reader.createStatement();
        var patient = new OldAnswers(fixture.jdbc, fixture.loops, metrics, Duration.ofHours(1))) {
      reader.setAutoCommit(false);
      assertThat(patient.empty()).isTrue();
      // This comes first, because a round of the loop may be under way.
      statement.execute("select count(*) from idempotency_key");
      fill("25 hours", 3);
      assertThat(patient.empty()).isFalse();
      assertThat(output).doesNotContain("not removed");
      try (var impatient = new OldAnswers(fixture.jdbc, fixture.loops, metrics, Duration.ZERO)) {
        assertThat(impatient.empty()).isFalse();
        assertThat(impatient.empty()).isFalse();
        assertThat(output).containsOnlyOnce("not removed").contains("somebody reads");
        reader.rollback();
        assertThat(impatient.empty()).isTrue();
        assertThat(output).containsOnlyOnce("removed again");
      }
      fixture.jdbc.execute("alter function empty_idempotency_keys() rename to gone");
      assertThat(patient.empty()).isFalse();
      assertThat(patient.empty()).isFalse();
      assertThat(output).containsOnlyOnce("PostgreSQL does not do it");
    }
    assertThat(metrics.get("imports.old.answers.seconds").gauge().value()).isNotNegative();
  }

  /** Into the partition that tomorrow writes to. */
  private void fill(String age, int rows) {
    fill("24 hours", age, rows);
  }

  /** Into the partition that is written to after this time. */
  private void fill(String after, String age, int rows) {
    fixture.jdbc.update(
        """
        insert into idempotency_key
        select idempotency_key_slot(clock_timestamp() + ?::interval),
               clock_timestamp() - ?::interval, gen_random_uuid(), 'k', sha256(''), gen_random_uuid(), ''
        from generate_series(1, ?)
        """,
        after,
        age,
        rows);
  }

  private boolean empty() {
    return Boolean.TRUE.equals(
        fixture.jdbc.queryForObject("select empty_idempotency_keys()", Boolean.class));
  }

  private long keys() {
    return Objects.requireNonNull(
        fixture.jdbc.queryForObject("select count(*) from idempotency_key", Long.class));
  }

  private static KeyedRequest request(String key, String digest) {
    return new KeyedRequest(
        EventStoreFixture.ORG, key, digest, result -> "\"" + result + "\" '\\é");
  }

  /** As a command does it, with this result. */
  private static void send(
      PostgresEventStorageEngine node,
      KeyedRequest request,
      String result,
      DomainEventMessage<?>... events) {
    var work =
        DefaultUnitOfWork.startAndGet(
            new GenericCommandMessage<>("of a test", MetaData.with(KeyedRequest.NAME, request)));
    work.onPrepareCommit(_ -> node.appendEvents(events));
    var done = work.executeWithResult(() -> result);
    assertThat(request.isKept()).isEqualTo(!done.isExceptional());
    if (done.isExceptional() && done.exceptionResult() instanceof RuntimeException e) throw e;
  }
}
