package com.sdragent.imports.eventstore;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.axonframework.eventsourcing.eventstore.EventStoreException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Group commit: one thread stores the events of all waiting commands in one transaction, so that
 * one round trip and one flush to disk serve them all. A lock held to the commit makes positions
 * gapless and equal to the order of commits, across all nodes.
 *
 * <p>A lost answer is settled by sending the same events again. The lock puts the lost statement
 * and its copy in an order, and the sequence number that the events must follow lets only the first
 * of them store anything: if that was the lost one, the copy finds its events by their ids; if the
 * copy was told of a conflict, the lost one, whenever it runs, is too late as well. Looking the
 * events up without sending them would not be enough, since the lost statement may still be waiting
 * for the lock.
 *
 * <p>A command is told that nothing was stored only when PostgreSQL never saw its events, or said
 * of every statement that carried them that it was rolled back.
 */
final class Appender implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Appender.class);

  /**
   * Three statements in one flight and one transaction. Each takes its own snapshot, so the second
   * sees all that was committed before the lock was granted.
   */
  static final String APPEND =
      """
      select pg_advisory_xact_lock(4919131752989213764);
      with submitted as materialized (
        select e.*,
               (select p.sequence_number from domain_event p where p.aggregate_id = e.aggregate_id
                 order by p.sequence_number desc limit 1) as last_sequence_number
        from unnest(?::uuid[], ?::bigint[], ?::bigint[], ?::uuid[], ?::text[], ?::int[], ?::uuid[],
                    ?::timestamptz[], ?::text[], ?::text[], ?::bytea[]) with ordinality
          as e(aggregate_id, sequence_number, follows, event_id, event_type, revision, organization,
               occurred_at, payload, metadata, digest, n)
      ),
      head as (
        select position, hash
        from (select position, hash from domain_event order by position desc limit 1) last
        union all
        select 0, decode(repeat('00', 32), 'hex')
        limit 1
      ),
      following as (
        select submitted.*, head.position + row_number() over (order by n) as position,
               head.hash as head_hash
        from submitted, head
        where coalesce(last_sequence_number, -1) = follows
      )
      insert into domain_event (position, aggregate_id, sequence_number, event_id, event_type,
                                revision, organization, occurred_at, payload, metadata, hash)
      select position, aggregate_id, sequence_number, event_id, event_type, revision, organization,
             occurred_at, payload::json, metadata::json,
             domain_event_chain(head_hash, position, digest) over (order by n)
      from following
      returning event_id;
      select pg_notify('domain_event', '')
      """;

  /** One plan for ever: index look-ups, whatever the statistics say of a young table. */
  static final String PLAN_SETTINGS =
      "set plan_cache_mode = force_generic_plan; set enable_seqscan = off";

  /** The insert must see what was committed while the lock was waited for. */
  private static final String SNAPSHOT_SETTINGS =
      "set default_transaction_isolation = 'read committed'; ";

  /** The lock of a node that vanished in mid-transaction is free after some ten seconds. */
  private static final String LIVENESS_SETTINGS =
      "set tcp_keepalives_idle = 5; set tcp_keepalives_interval = 2; set tcp_keepalives_count = 3;"
          + " ";

  /** It frees the lock also of a node that is frozen, whose kernel still answers. */
  private static final int FIRST_WITH_TRANSACTION_TIMEOUT = 17;

  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(50);

  private final DedicatedConnections connections;
  private final EventStoreProperties properties;
  private final WaitingCommands waiting;
  private final BlockingQueue<PendingAppend> queue = new LinkedBlockingQueue<>();
  private final Deque<PendingAppend> heldBack = new ArrayDeque<>();
  private final Thread thread;
  private final DistributionSummary batchSizes;
  private final Timer batchTimes;
  private final Counter appended;

  private volatile boolean closing;
  private @Nullable Connection connection;
  private @Nullable PreparedStatement append;
  private long interruptedSince;

  Appender(
      DedicatedConnections connections, EventStoreProperties properties, MeterRegistry metrics) {
    this.connections = connections;
    this.properties = properties;
    waiting =
        new WaitingCommands(properties.queueCapacity(), properties.queueCapacityPerOrganization());
    batchSizes =
        DistributionSummary.builder("imports.append.batch.size")
            .description("Events stored by one transaction")
            .publishPercentiles(0.5, 0.99)
            .register(metrics);
    batchTimes =
        Timer.builder("imports.append.batch.duration")
            .description("Time that PostgreSQL took to store a batch")
            .publishPercentiles(0.5, 0.99)
            .register(metrics);
    appended =
        Counter.builder("imports.events.appended")
            .description("Events stored by this node")
            .register(metrics);
    Gauge.builder("imports.append.queue", waiting, WaitingCommands::count)
        .description("Commands that wait for the appender")
        .register(metrics);
    thread = Thread.ofPlatform().name("event-appender").start(this::run);
  }

  /**
   * Stores the rows, all or none, and returns when they are durable.
   *
   * @throws org.axonframework.modelling.command.ConcurrencyException when the import went on
   *     meanwhile
   * @throws EventStoreUnavailableException when nothing was stored
   * @throws AppendOutcomeUnknownException when it is not known whether they were stored
   */
  void append(List<PendingAppend.Row> rows) {
    var pending = new PendingAppend(rows);
    if (closing) throw new EventStoreUnavailableException("The event store is shutting down");
    UUID organization = rows.getFirst().organization();
    waiting.enter(organization);
    try {
      queue.add(pending);
      pending.await(properties.appendTimeout());
    } finally {
      waiting.leave(organization);
    }
  }

  /** Stores what was accepted, then stops. */
  @Override
  public void close() {
    closing = true;
    try {
      thread.join(properties.appendTimeout().plus(properties.statementTimeout()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    while (true) {
      List<PendingAppend> batch = nextBatch();
      if (batch.isEmpty()) {
        if (closing && queue.isEmpty() && heldBack.isEmpty()) break;
        continue;
      }
      try {
        store(batch);
      } catch (RuntimeException | Error e) {
        log.error("Appending failed unexpectedly", e);
        disconnect();
        // Not known: whatever went wrong may have gone wrong after the commit.
        var reason = new AppendOutcomeUnknownException("The event store failed");
        batch.forEach(pending -> pending.failed(reason));
      }
    }
    disconnect();
  }

  /** All that waits, up to the batch size, with at most one command of each import. */
  private List<PendingAppend> nextBatch() {
    var batch = new ArrayList<PendingAppend>();
    var imports = new HashSet<UUID>();
    int events = 0;
    for (int held = heldBack.size(); held > 0; held--) {
      PendingAppend pending = heldBack.removeFirst();
      if (imports.add(pending.aggregateId())) {
        batch.add(pending);
        events += pending.rows().size();
      } else {
        heldBack.addLast(pending);
      }
    }
    try {
      PendingAppend next = batch.isEmpty() ? queue.poll(100, TimeUnit.MILLISECONDS) : queue.poll();
      for (; next != null; next = queue.poll()) {
        if (imports.add(next.aggregateId())) {
          batch.add(next);
          events += next.rows().size();
        } else {
          heldBack.addLast(next);
        }
        if (events >= properties.batchSize() || heldBack.size() >= properties.batchSize()) break;
      }
    } catch (InterruptedException e) {
      closing = true;
    }
    return batch;
  }

  /** Sends the batch until PostgreSQL has decided on every command in it that is waited for. */
  private void store(List<PendingAppend> batch) {
    store(batch, false);
  }

  private void store(List<PendingAppend> batch, boolean sentBefore) {
    boolean answerLost = sentBefore;
    List<PendingAppend> undecided = batch;
    while (true) {
      undecided = undecided.stream().filter(PendingAppend::isWaitedFor).toList();
      if (undecided.isEmpty()) return;
      try {
        prepare();
      } catch (SQLException e) {
        retryLater("The event store cannot be reached", e);
        continue;
      }
      undecided = undecided.stream().filter(PendingAppend::send).toList();
      if (undecided.isEmpty()) return;
      try {
        execute(undecided, answerLost);
        reached();
        return;
      } catch (SQLException e) {
        AppendFailure failure = AppendFailure.of(e);
        if (failure == AppendFailure.ABOUT_THE_DATA) {
          aboutTheData(undecided, answerLost, e);
          return;
        }
        if (failure == AppendFailure.REFUSED && !answerLost) {
          refused(undecided, e);
          return;
        }
        if (failure == AppendFailure.ANSWER_LOST) {
          answerLost = true;
        } else if (!answerLost) {
          undecided.forEach(PendingAppend::takenBack);
        }
        // Once an answer was lost, a refusal does not settle it: only a decision on a copy does.
        retryLater("The event store did not answer", e);
      }
    }
  }

  private void execute(List<PendingAppend> batch, boolean sentBefore) throws SQLException {
    long start = System.nanoTime();
    Set<UUID> inserted = insert(batch);
    batchTimes.record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
    if (!inserted.isEmpty()) batchSizes.record(inserted.size());
    appended.increment(inserted.size());
    var conflicted = new ArrayList<PendingAppend>();
    for (PendingAppend pending : batch) {
      if (inserted.contains(pending.rows().getFirst().eventId())) {
        pending.stored();
      } else {
        conflicted.add(pending);
      }
    }
    if (conflicted.isEmpty()) return;
    Set<UUID> earlier = sentBefore ? storedEarlier(conflicted) : Set.of();
    for (PendingAppend pending : conflicted) {
      if (earlier.contains(pending.rows().getFirst().eventId())) {
        pending.stored();
      } else {
        pending.conflicted();
      }
    }
  }

  /** PostgreSQL said no to the whole batch, so nothing of it was stored. */
  private void refused(List<PendingAppend> batch, SQLException e) {
    interrupted("The event store refused to store", e);
    // Whatever a session of its own can mend, a new one does.
    disconnect();
    var unavailable =
        new EventStoreUnavailableException("The event store could not take the events", e);
    batch.forEach(pending -> pending.failed(unavailable));
  }

  /** One command's events cannot be stored: finds it, so that it costs the others nothing. */
  private void aboutTheData(List<PendingAppend> batch, boolean answerLost, SQLException e) {
    if (batch.size() > 1) {
      if (!answerLost) batch.forEach(PendingAppend::takenBack);
      batch.forEach(pending -> store(List.of(pending), answerLost));
      return;
    }
    // An earlier copy held the same data, so it was refused too.
    log.error("Events that PostgreSQL does not take: SQL state {}", e.getSQLState());
    var refused = new EventStoreException("The event store does not take the events", e);
    batch.forEach(pending -> pending.failed(refused));
  }

  private Set<UUID> insert(List<PendingAppend> batch) throws SQLException {
    List<PendingAppend.Row> rows = new ArrayList<>();
    List<Long> follows = new ArrayList<>();
    for (PendingAppend pending : batch) {
      for (PendingAppend.Row row : pending.rows()) {
        rows.add(row);
        follows.add(pending.follows());
      }
    }
    PreparedStatement statement = append;
    Connection open = connection;
    if (statement == null || open == null) throw new SQLException("Not connected", "08003");
    array(open, statement, 1, "uuid", rows.stream().map(PendingAppend.Row::aggregateId));
    array(open, statement, 2, "bigint", rows.stream().map(PendingAppend.Row::sequenceNumber));
    array(open, statement, 3, "bigint", follows.stream());
    array(open, statement, 4, "uuid", rows.stream().map(PendingAppend.Row::eventId));
    array(open, statement, 5, "text", rows.stream().map(PendingAppend.Row::type));
    array(open, statement, 6, "int", rows.stream().map(PendingAppend.Row::revision));
    array(open, statement, 7, "uuid", rows.stream().map(PendingAppend.Row::organization));
    array(open, statement, 8, "timestamptz", rows.stream().map(PendingAppend.Row::occurredAt));
    array(open, statement, 9, "text", rows.stream().map(PendingAppend.Row::payload));
    array(open, statement, 10, "text", rows.stream().map(PendingAppend.Row::metadata));
    byte[][] digests = rows.stream().map(PendingAppend.Row::digest).toArray(byte[][]::new);
    statement.setArray(11, open.createArrayOf("bytea", digests));
    var inserted = new HashSet<UUID>(rows.size() * 2);
    statement.execute();
    statement.getMoreResults();
    try (ResultSet ids = statement.getResultSet()) {
      while (ids.next()) inserted.add(ids.getObject(1, UUID.class));
    }
    return inserted;
  }

  private static void array(
      Connection connection, PreparedStatement statement, int index, String type, Stream<?> values)
      throws SQLException {
    statement.setArray(index, connection.createArrayOf(type, values.toArray()));
  }

  private Set<UUID> storedEarlier(List<PendingAppend> batch) throws SQLException {
    Connection open = connection;
    if (open == null) throw new SQLException("Not connected", "08003");
    var stored = new HashSet<UUID>();
    try (PreparedStatement select =
        open.prepareStatement("select event_id from domain_event where event_id = any (?)")) {
      array(open, select, 1, "uuid", batch.stream().map(p -> p.rows().getFirst().eventId()));
      try (ResultSet ids = select.executeQuery()) {
        while (ids.next()) stored.add(ids.getObject(1, UUID.class));
      }
    }
    return stored;
  }

  private void prepare() throws SQLException {
    Connection open = connection;
    if (open != null) return;
    Duration answerWithin = properties.statementTimeout().plusSeconds(1);
    open = connections.open("imports appender", answerWithin);
    try (Statement settings = open.createStatement()) {
      settings.execute(
          "set statement_timeout = "
              + properties.statementTimeout().toMillis()
              + "; set synchronous_commit = on; "
              + SNAPSHOT_SETTINGS
              + LIVENESS_SETTINGS
              + PLAN_SETTINGS);
      if (open.getMetaData().getDatabaseMajorVersion() >= FIRST_WITH_TRANSACTION_TIMEOUT) {
        settings.execute("set transaction_timeout = " + answerWithin.toMillis());
      }
      append = open.prepareStatement(APPEND);
    } catch (SQLException e) {
      open.close();
      throw e;
    }
    connection = open;
  }

  private void retryLater(String what, SQLException e) {
    interrupted(what, e);
    disconnect();
    // Commands that gave up leave the queue even while nothing is taken from it.
    queue.removeIf(pending -> !pending.isWaitedFor());
    heldBack.removeIf(pending -> !pending.isWaitedFor());
    try {
      Thread.sleep(PAUSE_AFTER_FAILURE);
    } catch (InterruptedException interrupted) {
      closing = true;
    }
  }

  /** Says so once, however often it is tried. */
  private void interrupted(String what, SQLException e) {
    if (interruptedSince != 0) return;
    interruptedSince = System.nanoTime();
    log.warn("{}: {} (SQL state {})", what, e.getMessage(), e.getSQLState());
  }

  private void reached() {
    if (interruptedSince == 0) return;
    Duration outage = Duration.ofNanos(System.nanoTime() - interruptedSince);
    interruptedSince = 0;
    log.info("The event store stores again, after {} ms", outage.toMillis());
  }

  private void disconnect() {
    Connection open = connection;
    connection = null;
    append = null;
    if (open == null) return;
    try {
      open.close();
    } catch (SQLException e) {
      log.debug("Closing a broken connection failed", e);
    }
  }
}
