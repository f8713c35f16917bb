package com.sdragent.imports.eventstore;

import static com.sdragent.imports.eventstore.EventStoreFixture.created;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
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
        var other = Objects.requireNonNull(fixture.jdbc.getDataSource()).getConnection();
        var statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("select pg_advisory_xact_lock(4919131752989213764)");
      var appends =
          nodes.stream()
              .map(node -> threads.submit(() -> node.appendEvents(created(UUID.randomUUID()))))
              .toList();
      await().until(() -> waitingForTheLock() == 2);
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

  @Test
  void the_lock_of_a_node_that_froze_in_the_middle_of_an_append_is_freed() throws Exception {
    assumeTrue(
        Objects.requireNonNull(
                fixture.jdbc.queryForObject("show server_version_num", Integer.class))
            >= 170_000,
        "transaction_timeout came with PostgreSQL 17");
    var hasty =
        new EventStoreProperties(
            Duration.ofMillis(800), Duration.ofMillis(300), 1000, 10_000, 10_000, 7);
    try (var proxy = new CuttingProxy(fixture.address());
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var frozen = fixture.engineThrough(proxy.port(), hasty);
      frozen.appendEvents(created(UUID.randomUUID()));
      proxy.freezeInAppend();
      var unanswered = threads.submit(() -> frozen.appendEvents(created(UUID.randomUUID())));
      await().until(() -> locks(true) == 1);

      fixture.engine().appendEvents(created(UUID.randomUUID()));
      assertThatThrownBy(() -> unanswered.get(10, TimeUnit.SECONDS))
          .hasCauseInstanceOf(AppendOutcomeUnknownException.class);
    }
  }

  private int waitingForTheLock() {
    return locks(false);
  }

  private int locks(boolean granted) {
    return Objects.requireNonNull(
        fixture.jdbc.queryForObject(
            "select count(*) from pg_locks where locktype = 'advisory' and granted = ? and database"
                + " = (select oid from pg_database where datname = current_database())",
            Integer.class,
            granted));
  }
}
