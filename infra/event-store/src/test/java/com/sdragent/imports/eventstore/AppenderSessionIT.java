package com.sdragent.imports.eventstore;

import static com.sdragent.imports.eventstore.EventStoreFixture.created;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sdragent.imports.eventstore.append.AppendOutcomeUnknownException;
import com.sdragent.imports.eventstore.append.EventStoreProperties;
import com.sdragent.imports.eventstore.append.EventStoreUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntUnaryOperator;
import org.axonframework.eventsourcing.eventstore.EventStoreException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the appender's session does not leave to others' settings. */
class AppenderSessionIT {
  private final EventStoreFixture fixture = new EventStoreFixture();

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void a_database_whose_transactions_keep_one_snapshot_stores_what_waited_for_the_lock()
      throws Exception {
    String database = fixture.jdbc.queryForObject("select current_database()", String.class);
    fixture.jdbc.execute(
        "alter database %s set default_transaction_isolation = 'repeatable read'"
            .formatted(database));
    var nodes = List.of(fixture.engine(), fixture.engine());
    try (var threads = Executors.newVirtualThreadPerTaskExecutor();
        var other = fixture.lock()) {
      var appends =
          nodes.stream()
              .map(node -> threads.submit(() -> node.appendEvents(created(UUID.randomUUID()))))
              .toList();
      await().until(() -> fixture.waitingForLock() == 2);
      other.rollback();
      for (var append : appends) append.get(10, TimeUnit.SECONDS);
    }
    assertThat(EventStoreFixture.all(nodes.getFirst())).hasSize(2);
  }

  @Test
  void an_error_does_not_quote_the_event() {
    fixture.jdbc.execute("alter table domain_event add constraint none check (position < 0)");
    var node = fixture.engine();
    assertThatThrownBy(() -> node.appendEvents(created(UUID.randomUUID())))
        .isInstanceOf(EventStoreException.class)
        .rootCause()
        .message()
        .contains("violates check constraint")
        .doesNotContain("Failing row", "csv_upload");
  }

  /** The server's own timeouts do not help: those of PostgreSQL 15 do not reach this far. */
  @Test
  void a_flight_that_stops_anywhere_before_its_end_never_holds_the_lock() throws Exception {
    List<IntUnaryOperator> stops = List.of(n -> 1, n -> n / 2, n -> n - 5, n -> n - 1);
    var proxies = new ArrayList<CuttingProxy>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var unanswered = new ArrayList<Future<?>>();
      for (IntUnaryOperator stop : stops) {
        var proxy = new CuttingProxy(fixture.address());
        proxies.add(proxy);
        var frozen = fixture.engineThrough(proxy.port(), EventStoreFixture.HASTY);
        frozen.appendEvents(created(UUID.randomUUID()));
        proxy.freezeInAppend(stop);
        unanswered.add(threads.submit(() -> frozen.appendEvents(created(UUID.randomUUID()))));
        await().until(proxy::hasFrozen);
      }
      var other = fixture.engine(EventStoreFixture.HASTY);
      for (int i = 0; i < 20; i++) {
        other.appendEvents(created(UUID.randomUUID()));
        assertThat(fixture.locks(true) + fixture.locks(false)).isZero();
      }
      for (Future<?> append : unanswered) {
        assertThatThrownBy(() -> append.get(10, TimeUnit.SECONDS))
            .hasCauseInstanceOf(AppendOutcomeUnknownException.class);
      }
      assertThat(other.head()).isEqualTo(stops.size() + 20);
    } finally {
      proxies.forEach(CuttingProxy::close);
    }
  }

  @Test
  void a_lock_that_is_held_for_longer_than_a_batch_may_take_is_waited_for() throws Exception {
    var node =
        fixture.engine(
            new EventStoreProperties(
                Duration.ofSeconds(5),
                Duration.ofMillis(200),
                1000,
                Duration.ofMillis(2),
                10_000,
                10_000,
                7));
    try (var threads = Executors.newVirtualThreadPerTaskExecutor();
        var other = fixture.lock()) {
      var append = threads.submit(() -> node.appendEvents(created(UUID.randomUUID())));
      await().until(() -> waitedForTheLock(Duration.ofMillis(600)));
      other.rollback();
      append.get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void whoever_cannot_wait_any_longer_for_the_lock_is_told_and_the_others_wait_on()
      throws Exception {
    var node = fixture.engine(EventStoreFixture.HASTY);
    node.appendEvents(created(UUID.randomUUID()));
    try (var threads = Executors.newVirtualThreadPerTaskExecutor();
        var other = fixture.lock()) {
      var first = threads.submit(() -> node.appendEvents(created(UUID.randomUUID())));
      await().until(() -> fixture.waitingForLock() == 1);
      var second = threads.submit(() -> node.appendEvents(created(UUID.randomUUID())));
      await().until(() -> waitedForTheLock(Duration.ofMillis(500)));
      var third = threads.submit(() -> node.appendEvents(created(UUID.randomUUID())));
      assertThatThrownBy(() -> first.get(10, TimeUnit.SECONDS))
          .hasCauseInstanceOf(EventStoreUnavailableException.class);
      assertThatThrownBy(() -> second.get(10, TimeUnit.SECONDS))
          .hasCauseInstanceOf(EventStoreUnavailableException.class);
      other.rollback();
      third.get(10, TimeUnit.SECONDS);
    }
    assertThat(node.head()).isEqualTo(2);
  }

  private boolean waitedForTheLock(Duration length) {
    return Boolean.TRUE.equals(
        fixture.jdbc.queryForObject(
            "select exists (select from pg_stat_activity where datname = current_database()"
                + " and wait_event = 'advisory'"
                + " and clock_timestamp() - query_start > ? * interval '1 millisecond')",
            Boolean.class,
            length.toMillis()));
  }
}
