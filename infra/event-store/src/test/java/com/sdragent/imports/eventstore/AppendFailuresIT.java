package com.sdragent.imports.eventstore;

import static com.sdragent.imports.eventstore.EventStoreFixture.HASTY;
import static com.sdragent.imports.eventstore.EventStoreFixture.created;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sdragent.imports.eventstore.append.AppendOutcomeUnknownException;
import com.sdragent.imports.eventstore.append.EventStoreUnavailableException;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.axonframework.eventsourcing.eventstore.EventStoreException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a command when PostgreSQL fails it. */
class AppendFailuresIT {
  private final EventStoreFixture fixture = new EventStoreFixture();
  private final PostgresEventStorageEngine engine = fixture.engine();

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void when_the_connection_is_cut_after_appends_every_command_is_stored_once() throws Exception {
    cutAfterAppends(40);
  }

  @Test
  @Tag("soak")
  void when_the_connection_is_cut_after_200_appends_every_command_is_stored_once()
      throws Exception {
    cutAfterAppends(200);
  }

  private void cutAfterAppends(int cuts) throws Exception {
    try (var proxy = new CuttingProxy(fixture.address());
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var node = fixture.engineThrough(proxy.port(), EventStoreFixture.DEFAULTS);
      node.appendEvents(created(UUID.randomUUID()));
      int sent = 1;
      int unknown = 0;
      while (proxy.cuts() < cuts) {
        proxy.cutAfterAppend();
        var appends = new ArrayList<Future<?>>();
        for (int i = 0; i < 3; i++) {
          var event = created(UUID.randomUUID());
          appends.add(threads.submit(() -> node.appendEvents(event)));
          sent++;
        }
        for (Future<?> append : appends) {
          try {
            append.get(30, TimeUnit.SECONDS);
          } catch (ExecutionException e) {
            // Never "nothing was stored", and a conflict nobody made neither.
            assertThat(e.getCause()).isInstanceOf(AppendOutcomeUnknownException.class);
            unknown++;
          }
        }
      }
      System.out.printf(
          "%s cuts, %s commands, %s with an unknown outcome%n", proxy.cuts(), sent, unknown);
      assertThat(unknown).isZero();
      assertGapless(sent);
    }
  }

  @Test
  void a_lost_statement_that_still_waits_for_the_lock_and_its_copy_store_once() throws Exception {
    try (var proxy = new CuttingProxy(fixture.address());
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var node = fixture.engineThrough(proxy.port(), EventStoreFixture.DEFAULTS);
      node.appendEvents(created(UUID.randomUUID()));
      for (int i = 0; i < 10; i++) {
        Future<?> append;
        try (Connection other = fixture.lock()) {
          proxy.cutAfterAppend();
          append = threads.submit(() -> node.appendEvents(created(UUID.randomUUID())));
          // Both the lost statement and its copy are waiting now.
          await().until(() -> fixture.waitingForLock() == 2);
          other.rollback();
        }
        append.get(10, TimeUnit.SECONDS);
      }
      await().until(() -> fixture.waitingForLock() == 0);
      assertGapless(11);
    }
  }

  @Test
  void a_lost_statement_that_waits_past_the_bound_is_unknown_and_not_unavailable()
      throws Exception {
    try (var proxy = new CuttingProxy(fixture.address());
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var node = fixture.engineThrough(proxy.port(), HASTY);
      node.appendEvents(created(UUID.randomUUID()));
      try (Connection other = fixture.lock()) {
        proxy.cutAfterAppend();
        var append = threads.submit(() -> node.appendEvents(created(UUID.randomUUID())));
        assertThatThrownBy(() -> append.get(10, TimeUnit.SECONDS))
            .hasCauseInstanceOf(AppendOutcomeUnknownException.class);
        other.rollback();
      }
      node.appendEvents(created(UUID.randomUUID()));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"53100", "53200", "57014", "42501", "55P03"})
  void what_postgresql_rolled_back_is_unavailable_and_not_stored_and_the_node_recovers(
      String sqlState) {
    var node = fixture.engine(HASTY);
    node.appendEvents(created(UUID.randomUUID()));
    fixture.refuseWith(sqlState);
    var id = UUID.randomUUID();
    assertThatThrownBy(() -> node.appendEvents(created(id)))
        .isInstanceOf(EventStoreUnavailableException.class);
    fixture.refuseNoMore();
    node.appendEvents(created(id));
    assertGapless(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"25006", "40001", "40P01"})
  void what_cannot_be_tried_again_is_unavailable_and_not_stored_and_the_node_recovers(
      String sqlState) {
    var node = fixture.engine(HASTY);
    node.appendEvents(created(UUID.randomUUID()));
    fixture.refuseWith(sqlState);
    // The one try goes through the connection that is there; for the next there is none.
    fixture.takeConnections(false);
    var id = UUID.randomUUID();
    assertThatThrownBy(() -> node.appendEvents(created(id)))
        .isInstanceOf(EventStoreUnavailableException.class);
    fixture.takeConnections(true);
    assertThat(fixture.hasRefused()).isTrue();
    fixture.refuseNoMore();
    node.appendEvents(created(id));
    assertGapless(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"25006", "40001", "40P01"})
  void what_can_succeed_at_the_second_try_is_tried_again(String sqlState) throws Exception {
    engine.appendEvents(created(UUID.randomUUID()));
    fixture.refuseWith(sqlState);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var append = threads.submit(() -> engine.appendEvents(created(UUID.randomUUID())));
      await().until(fixture::hasRefused);
      assertThat(append.isDone()).isFalse();
      fixture.refuseNoMore();
      append.get(10, TimeUnit.SECONDS);
    }
    assertGapless(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"XX000", "58030", "57P01"})
  void what_may_have_been_stored_is_unknown(String sqlState) {
    var node = fixture.engine(HASTY);
    // Connected: what is not sent within its time is unavailable.
    node.appendEvents(created(UUID.randomUUID()));
    fixture.refuseWith(sqlState);
    assertThatThrownBy(() -> node.appendEvents(created(UUID.randomUUID())))
        .isInstanceOf(AppendOutcomeUnknownException.class);
    fixture.refuseNoMore();
    node.appendEvents(created(UUID.randomUUID()));
  }

  @Test
  void events_that_postgresql_does_not_take_cost_the_others_of_their_batch_nothing()
      throws Exception {
    var bad = UUID.randomUUID();
    fixture.jdbc.execute(
        "alter table domain_event add constraint good check (aggregate_id <> '" + bad + "')");
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var appends = new ArrayList<Future<?>>();
      Future<?> refused;
      try (Connection other = fixture.lock()) {
        appends.add(threads.submit(() -> engine.appendEvents(created(UUID.randomUUID()))));
        await().until(() -> fixture.waitingForLock() == 1);
        // What comes now becomes one batch.
        refused = threads.submit(() -> engine.appendEvents(created(bad)));
        for (int i = 0; i < 20; i++) {
          appends.add(threads.submit(() -> engine.appendEvents(created(UUID.randomUUID()))));
        }
        other.rollback();
      }
      for (Future<?> append : appends) append.get(10, TimeUnit.SECONDS);
      assertThatThrownBy(() -> refused.get(10, TimeUnit.SECONDS))
          .hasCauseExactlyInstanceOf(EventStoreException.class);
    }
    assertGapless(21);
  }

  private void assertGapless(long events) {
    assertThat(
            fixture.jdbc.queryForList(
                "select position from domain_event order by position", Long.class))
        .containsExactlyElementsOf(LongStream.rangeClosed(1, events).boxed().toList());
  }
}
