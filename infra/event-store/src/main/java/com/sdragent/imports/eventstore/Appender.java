package com.sdragent.imports.eventstore;

import com.sdragent.imports.loops.Loops;
import com.sdragent.imports.loops.SupervisedLoop;
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
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
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

  /** What is prepared once for a session: it stores those that follow, and says which. */
  static final String PREPARE_APPEND =
      """
      prepare append (uuid[], bigint[], bigint[], uuid[], uuid[], text[], int[], uuid[], timestamptz[],
                      bytea[], json, json) as
      with submitted as materialized (
        select e.*, last.sequence_number as last_sequence_number, last.event_id as last_event
        from rows from (unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10),
                        json_array_elements($11), json_array_elements($12)) with ordinality
          as e(aggregate_id, sequence_number, follows, follows_event, event_id, event_type, revision,
               organization, occurred_at, digest, payload, metadata, n)
        left join lateral (
          select p.sequence_number, p.event_id from domain_event p
          where p.aggregate_id = e.aggregate_id order by p.sequence_number desc limit 1
        ) last on true
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
          and (follows_event is null or follows_event = last_event)
      )
      insert into domain_event (position, aggregate_id, sequence_number, event_id, event_type,
                                revision, organization, occurred_at, payload, metadata, hash)
      select position, aggregate_id, sequence_number, event_id, event_type, revision, organization,
             occurred_at, payload, metadata,
             domain_event_chain(head_hash, position, digest) over (order by n)
      from following
      returning event_id
      """;

  /** Which of the message's results says what was stored. */
  private static final int STORED = 4;

  /** One plan for ever: index look-ups, whatever the statistics say of a young table. */
  static final String PLAN_SETTINGS =
      "set plan_cache_mode = force_generic_plan; set enable_seqscan = off";

  /** The lock of a node that vanished in mid-transaction is free after some ten seconds. */
  private static final String LIVENESS_SETTINGS =
      "set tcp_keepalives_idle = 5; set tcp_keepalives_interval = 2; set tcp_keepalives_count = 3;"
          + " set tcp_user_timeout = 10000; ";

  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(50);

  /** So much before a command gives up, its wait for the lock ends, so that it learns of it. */
  private static final Duration TIME_TO_TELL = Duration.ofMillis(100);

  /** For how long an answer is waited for when no command waits for it any more. */
  private static final Duration LAST_PATIENCE = Duration.ofMillis(500);

  private final DedicatedConnections connections;
  private final EventStoreProperties properties;
  private final Timelines timelines;
  private final WaitingCommands waiting;
  private final BlockingQueue<PendingAppend> queue = new LinkedBlockingQueue<>();
  private final Deque<PendingAppend> heldBack = new ArrayDeque<>();
  private final List<PendingAppend> atHand = new ArrayList<>();
  private final SupervisedLoop loop;
  private final CountDownLatch drained = new CountDownLatch(1);
  private final DistributionSummary batchSizes;
  private final Timer batchTimes;
  private final Counter appended;

  private volatile boolean closing;
  private @Nullable Connection connection;
  private @Nullable UUID lastStored;
  private long interruptedSince;
  private final Set<String> reasons = new HashSet<>();

  Appender(
      DedicatedConnections connections,
      EventStoreProperties properties,
      Timelines timelines,
      Loops loops,
      MeterRegistry metrics) {
    this.connections = connections;
    this.properties = properties;
    this.timelines = timelines;
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
    loop = loops.loop("event-appender", this::round);
    loop.start();
  }

  /**
   * Stores the rows, all or none, and returns when they are durable.
   *
   * @param followsEvent the import's last event, which they were decided on; null when only its
   *     number is known
   * @throws org.axonframework.modelling.command.ConcurrencyException when the import went on
   *     meanwhile
   * @throws EventStoreUnavailableException when nothing was stored
   * @throws AppendOutcomeUnknownException when it is not known whether they were stored
   */
  void append(List<PendingAppend.Row> rows, @Nullable UUID followsEvent) {
    append(new PendingAppend(rows, followsEvent, properties.appendTimeout()));
  }

  void append(PendingAppend pending) {
    if (closing) throw new EventStoreUnavailableException("The event store is shutting down");
    UUID organization = pending.organization();
    waiting.enter(organization);
    try {
      queue.add(pending);
      pending.await();
    } finally {
      waiting.leave(organization);
    }
  }

  /** Stores what was accepted, then stops. */
  @Override
  public void close() {
    closing = true;
    Duration patience = properties.appendTimeout().plus(properties.statementTimeout());
    try {
      boolean _ = drained.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    loop.stop(properties.statementTimeout());
  }

  private void round() throws InterruptedException {
    boolean decided = false;
    try {
      nextBatch();
      if (!atHand.isEmpty()) {
        store(List.copyOf(atHand));
      } else if (closing && queue.isEmpty() && heldBack.isEmpty()) {
        disconnect();
        drained.countDown();
        loop.end();
      }
      decided = true;
    } finally {
      // Whatever went wrong may have gone wrong after the commit.
      if (!decided) {
        disconnect();
        atHand.forEach(PendingAppend::broken);
      }
      atHand.clear();
    }
  }

  /** All that waits, up to the batch size, with at most one command of each import. */
  private void nextBatch() throws InterruptedException {
    var imports = new HashSet<UUID>();
    for (int held = heldBack.size(); held > 0; held--) {
      boolean _ = take(heldBack.removeFirst(), imports);
    }
    PendingAppend next = atHand.isEmpty() ? queue.poll(100, TimeUnit.MILLISECONDS) : queue.poll();
    int events = atHand.stream().mapToInt(pending -> pending.rows().size()).sum();
    for (; next != null; next = queue.poll()) {
      if (take(next, imports)) events += next.rows().size();
      if (events >= properties.batchSize() || heldBack.size() >= properties.batchSize()) break;
    }
  }

  private boolean take(PendingAppend pending, Set<UUID> imports) {
    // At hand whatever goes wrong.
    atHand.add(pending);
    if (imports.add(pending.aggregateId())) return true;
    atHand.removeLast();
    heldBack.addLast(pending);
    return false;
  }

  /** Sends the batch until PostgreSQL has decided on every command in it that is waited for. */
  private void store(List<PendingAppend> batch) throws InterruptedException {
    store(batch, false);
  }

  private void store(List<PendingAppend> batch, boolean sentBefore) throws InterruptedException {
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
        if (failure == AppendFailure.LOCKED && !answerLost) {
          locked(undecided, e);
          continue;
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
        lastStored = pending.rows().getLast().eventId();
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

  /** Those that cannot wait any longer are told that nothing was stored; the others wait on. */
  private void locked(List<PendingAppend> batch, SQLException e) throws InterruptedException {
    var late = batch.stream().filter(p -> p.left().compareTo(TIME_TO_TELL) <= 0).toList();
    var unavailable =
        new EventStoreUnavailableException("The event store was locked for too long", e);
    late.forEach(pending -> pending.failed(unavailable));
    batch.forEach(PendingAppend::takenBack);
    // Refused at once, by whatever it is, not after the wait.
    if (late.isEmpty()) retryLater("The event store is locked", e);
  }

  /** One command's events cannot be stored: finds it, so that it costs the others nothing. */
  private void aboutTheData(List<PendingAppend> batch, boolean answerLost, SQLException e)
      throws InterruptedException {
    if (batch.size() > 1) {
      if (!answerLost) batch.forEach(PendingAppend::takenBack);
      for (PendingAppend pending : batch) store(List.of(pending), answerLost);
      return;
    }
    // An earlier copy held the same data, so it was refused too.
    log.error("Events that PostgreSQL does not take: SQL state {}", e.getSQLState());
    var refused = new EventStoreException("The event store does not take the events", e);
    batch.forEach(pending -> pending.failed(refused));
  }

  private Set<UUID> insert(List<PendingAppend> batch) throws SQLException {
    Connection open = connection;
    if (open == null) throw new SQLException("Not connected", "08003");
    Duration longest = Duration.ZERO;
    Duration shortest = properties.appendTimeout();
    for (PendingAppend pending : batch) {
      Duration left = pending.left();
      if (left.compareTo(longest) > 0) longest = left;
      if (left.compareTo(shortest) < 0) shortest = left;
    }
    // 0 would be no limit.
    long waitForLock = Math.max(1, shortest.minus(TIME_TO_TELL).toMillis());
    String message = message(waitForLock, properties.statementTimeout().toMillis(), values(batch));
    open.setNetworkTimeout(Runnable::run, Math.toIntExact(longest.plus(LAST_PATIENCE).toMillis()));
    var inserted = new HashSet<UUID>(batch.size() * 2);
    try (Statement statement = open.createStatement()) {
      statement.setEscapeProcessing(false);
      statement.execute(message);
      for (int result = 0; result < STORED; result++) statement.getMoreResults();
      try (ResultSet ids = statement.getResultSet()) {
        while (ids.next()) inserted.add(ids.getObject(1, UUID.class));
      }
    }
    return inserted;
  }

  /**
   * One message of PostgreSQL's simple query protocol, so one transaction. The server begins when
   * it has all of it and commits at its end, without another word of this node: one that is cut off
   * or freezes while it sends never holds the lock. Each statement takes its own snapshot, so the
   * insert sees all that was committed before the lock was granted, and has its own timeout.
   */
  private static String message(long waitMillis, long workMillis, String values) {
    return """
    set local lock_timeout = %s; set local statement_timeout = 0;
    select pg_advisory_xact_lock(4919131752989213764);
    set local statement_timeout = %s;
    execute append (%s);
    notify domain_event
    """
        .formatted(waitMillis, workMillis, values);
  }

  /**
   * The parameters of the prepared statement, as literals: an array for each column. What is JSON
   * goes as one JSON array, out of which PostgreSQL takes the exact text of each element.
   */
  static String values(List<PendingAppend> batch) {
    List<PendingAppend.Row> rows = batch.stream().flatMap(p -> p.rows().stream()).toList();
    return String.join(
        ", ",
        array(rows.stream().map(PendingAppend.Row::aggregateId)),
        array(rows.stream().map(PendingAppend.Row::sequenceNumber)),
        array(ofEachRow(batch, PendingAppend::follows)),
        array(ofEachRow(batch, PendingAppend::followsEvent)),
        array(rows.stream().map(PendingAppend.Row::eventId)),
        array(rows.stream().map(PendingAppend.Row::type)),
        array(rows.stream().map(PendingAppend.Row::revision)),
        array(rows.stream().map(PendingAppend.Row::organization)),
        array(rows.stream().map(PendingAppend.Row::occurredAt)),
        array(rows.stream().map(row -> "\"\\\\x" + HexFormat.of().formatHex(row.digest()) + '"')),
        literal('[', rows.stream().map(PendingAppend.Row::payload), ']'),
        literal('[', rows.stream().map(PendingAppend.Row::metadata), ']'));
  }

  private static Stream<@Nullable Object> ofEachRow(
      List<PendingAppend> batch, Function<PendingAppend, @Nullable Object> value) {
    return batch.stream().flatMap(p -> p.rows().stream().map(_ -> value.apply(p)));
  }

  /** Of what needs no quotes within an array: numbers, ids, times, names of types. */
  private static String array(Stream<?> values) {
    return literal('{', values.map(String::valueOf), '}');
  }

  /** The session's standard_conforming_strings leave one character with a meaning. */
  private static String literal(char begin, Stream<String> values, char end) {
    return values
        .map(value -> value.replace("'", "''"))
        .collect(Collectors.joining(",", "'" + begin, end + "'"));
  }

  private Set<UUID> storedEarlier(List<PendingAppend> batch) throws SQLException {
    Connection open = connection;
    if (open == null) throw new SQLException("Not connected", "08003");
    var stored = new HashSet<UUID>();
    try (PreparedStatement select =
        open.prepareStatement("select event_id from domain_event where event_id = any (?)")) {
      Object[] events = batch.stream().map(p -> p.rows().getFirst().eventId()).toArray();
      select.setArray(1, open.createArrayOf("uuid", events));
      try (ResultSet ids = select.executeQuery()) {
        while (ids.next()) stored.add(ids.getObject(1, UUID.class));
      }
    }
    return stored;
  }

  private void prepare() throws SQLException {
    if (connection != null) return;
    Connection open =
        connections.openForMessages(
            "imports appender", properties.statementTimeout().plusSeconds(1));
    try (Statement statement = open.createStatement()) {
      statement.execute(
          "set statement_timeout = "
              + properties.statementTimeout().toMillis()
              + "; "
              + LIVENESS_SETTINGS
              + PLAN_SETTINGS);
      statement.execute(PREPARE_APPEND);
      timelines.meet(open, lastStored);
    } catch (SQLException | RuntimeException | Error e) {
      open.close();
      throw e;
    }
    connection = open;
  }

  private void retryLater(String what, SQLException e) throws InterruptedException {
    interrupted(what, e);
    disconnect();
    // Commands that gave up leave the queue even while nothing is taken from it.
    queue.removeIf(pending -> !pending.isWaitedFor());
    heldBack.removeIf(pending -> !pending.isWaitedFor());
    Thread.sleep(PAUSE_AFTER_FAILURE);
  }

  /** Says so once for each reason, however often it is tried. */
  private void interrupted(String what, SQLException e) {
    if (interruptedSince == 0) interruptedSince = System.nanoTime();
    if (!reasons.add(String.valueOf(e.getSQLState()))) return;
    log.warn("{}: {} (SQL state {})", what, e.getMessage(), e.getSQLState());
  }

  private void reached() {
    if (interruptedSince == 0) return;
    Duration outage = Duration.ofNanos(System.nanoTime() - interruptedSince);
    interruptedSince = 0;
    reasons.clear();
    log.info("The event store stores again, after {} ms", outage.toMillis());
  }

  private void disconnect() {
    Connection open = connection;
    connection = null;
    if (open == null) return;
    try {
      open.close();
    } catch (SQLException e) {
      log.debug("Closing a broken connection failed", e);
    }
  }
}
