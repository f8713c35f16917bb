package com.sdragent.imports.eventstore.append;

import com.sdragent.imports.traces.SharedWork;
import com.sdragent.imports.traces.Traces;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.opentelemetry.api.trace.SpanKind;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.axonframework.eventsourcing.eventstore.EventStoreException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gets an outcome for each command of a batch, whatever fails meanwhile.
 *
 * <p>A lost answer is settled by sending the same events again. The lock puts the lost statement
 * and its copy in an order, and the sequence number that the events must follow lets only the first
 * of the two store anything. If that was the lost one, the copy finds its events by their ids; if
 * the copy was told of a conflict, the lost one is too late as well, whenever it runs. Looking the
 * events up without sending them would not be enough, since the lost statement may still be waiting
 * for the lock.
 *
 * <p>A command is told that nothing was stored only when PostgreSQL never saw its events, or
 * reported every statement that carried them as rolled back.
 */
final class AppendOutcomes {
  private static final Logger log = LoggerFactory.getLogger(AppendOutcomes.class);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(50);

  /** The class of a right or a table that is missing. */
  private static final String NOT_ALLOWED = "42";

  /** Opens sessions. */
  @FunctionalInterface
  interface Sessions {
    /**
     * Opens one.
     *
     * @param lastStored the last event that was seen stored, or null
     */
    AppendSession open(@Nullable SeenEvent lastStored) throws SQLException;
  }

  private final Sessions sessions;
  private final Runnable beforePause;
  private final Follower follower;
  private final Traces traces;
  private final DistributionSummary batchSizes;
  private final Timer batchTimes;
  private final Counter appended;

  private @Nullable AppendSession session;
  private @Nullable SeenEvent lastStored;
  private long interruptedSince;
  private final Set<String> reasons = new HashSet<>();

  /**
   * @param beforePause called before each pause that a failure causes
   * @param follower is told of what was stored
   */
  AppendOutcomes(
      Sessions sessions,
      Runnable beforePause,
      Follower follower,
      Traces traces,
      MeterRegistry metrics) {
    this.sessions = sessions;
    this.beforePause = beforePause;
    this.follower = follower;
    this.traces = traces;
    batchSizes =
        DistributionSummary.builder("imports.append.batch.size")
            .description("Events stored by one transaction")
            .register(metrics);
    batchTimes =
        Timer.builder("imports.append.batch.duration")
            .description("Time that PostgreSQL took to store a batch")
            .register(metrics);
    appended =
        Counter.builder("imports.events.appended")
            .description("Events stored by this node")
            .register(metrics);
  }

  /**
   * Sends the batch until PostgreSQL has decided on every command in it that is still waited for.
   */
  void settle(List<PendingAppend> batch) throws InterruptedException {
    List<PendingAppend> undecided = batch;
    while (true) {
      undecided = undecided.stream().filter(PendingAppend::isWaitedFor).toList();
      if (undecided.isEmpty()) return;
      AppendSession open;
      try {
        open = session();
      } catch (SQLException e) {
        retryLater("The event store cannot be reached", e);
        continue;
      }
      undecided = undecided.stream().filter(PendingAppend::send).toList();
      if (undecided.isEmpty()) return;
      try {
        store(undecided, open);
        reached();
        return;
      } catch (SQLException e) {
        if (failed(undecided, e)) return;
      }
    }
  }

  private void store(List<PendingAppend> batch, AppendSession open) throws SQLException {
    AppendSession.Inserted inserted = timed(batch, open);
    var rows = new ArrayList<EventRow>();
    var stored = new ArrayList<PendingAppend>(batch.size());
    var conflicted = new ArrayList<PendingAppend>();
    var answered = new HashMap<PendingAppend, KeyedAppend.First>();
    long number = 1;
    for (int command = 0; command < batch.size(); command++) {
      PendingAppend pending = batch.get(command);
      KeyedAppend.Found found = inserted.found().get(command);
      KeyedAppend.First first = found == null ? null : found.first();
      if (first != null) {
        answered.put(pending, first);
      } else if (found == null ? inserted.refused().contains(number) : !found.isNext()) {
        conflicted.add(pending);
      } else {
        stored.add(pending);
        rows.addAll(pending.rows());
      }
      number += pending.rows().size();
    }
    if (!rows.isEmpty()) {
      batchSizes.record(rows.size());
      appended.increment(rows.size());
      lastStored = new SeenEvent(inserted.after() + rows.size(), rows.getLast().eventId());
    }
    UUID before = inserted.afterEvent();
    try {
      if (before != null) follower.stored(new SeenEvent(inserted.after(), before), rows);
    } finally {
      // They are stored, whatever becomes of the follower.
      stored.forEach(PendingAppend::stored);
      answered.forEach(PendingAppend::answeredBefore);
    }
    if (conflicted.isEmpty()) return;
    // A command with a key, stored by a lost statement, has found itself already.
    List<PendingAppend> inDoubt =
        conflicted.stream().filter(one -> one.isInDoubt() && one.keyed() == null).toList();
    Set<UUID> earlier = inDoubt.isEmpty() ? Set.of() : open.stored(inDoubt);
    for (PendingAppend pending : conflicted) {
      if (inDoubt.contains(pending) && earlier.contains(pending.rows().getFirst().eventId())) {
        pending.stored();
      } else {
        pending.conflicted();
      }
    }
  }

  private AppendSession.Inserted timed(List<PendingAppend> batch, AppendSession open)
      throws SQLException {
    long start = System.nanoTime();
    try (SharedWork work = shared(batch)) {
      try {
        AppendSession.Inserted inserted = insert(batch, open);
        batchTimes.record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
        work.with("imports.position.after", inserted.after());
        return inserted;
      } catch (SQLException e) {
        work.failed(e);
        throw e;
      }
    }
  }

  private SharedWork shared(List<PendingAppend> batch) {
    return traces
        .shared(
            "append batch",
            SpanKind.CLIENT,
            Instant.now(),
            batch.stream().map(PendingAppend::traceParent))
        .with("db.system.name", "postgresql")
        .with("imports.batch.commands", batch.size());
  }

  /** Looks for imports that are created only when one of them may exist. */
  private static AppendSession.Inserted insert(List<PendingAppend> batch, AppendSession open)
      throws SQLException {
    boolean lookAtAll = batch.stream().anyMatch(PendingAppend::isInDoubt);
    try {
      return open.insert(batch, lookAtAll);
    } catch (SQLException e) {
      if (lookAtAll || !AppendStatement.EXISTS.equals(e.getSQLState())) throw e;
      return open.insert(batch, true);
    }
  }

  /** Whether every command has its outcome after this failure. If not, the batch is sent again. */
  private boolean failed(List<PendingAppend> batch, SQLException e) throws InterruptedException {
    AppendFailure failure = AppendFailure.of(e);
    if (failure == AppendFailure.ABOUT_THE_DATA) {
      aboutTheData(batch, e);
      return true;
    }
    if (failure == AppendFailure.REFUSED
        && String.valueOf(e.getSQLState()).startsWith(NOT_ALLOWED)) {
      List<PendingAppend> keyed = batch.stream().filter(one -> one.keyed() != null).toList();
      if (!keyed.isEmpty() && keyed.size() < batch.size()) {
        notAllowed(batch, keyed);
        return true;
      }
    }
    if (failure == AppendFailure.ANSWER_LOST) batch.forEach(PendingAppend::answerLost);
    // A refusal does not settle commands that are in doubt: only a decision on a copy does.
    if (batch.stream().anyMatch(PendingAppend::isInDoubt)) {
      retryLater("The event store did not answer", e);
      return false;
    }
    if (failure == AppendFailure.REFUSED) {
      refused(batch, e);
      return true;
    }
    batch.forEach(PendingAppend::takenBack);
    if (failure == AppendFailure.LOCKED) locked(batch, e);
    else retryLater("The event store did not answer", e);
    return false;
  }

  /**
   * Answers the commands of a batch that PostgreSQL refused as a whole, so that none of it was
   * stored.
   */
  private void refused(List<PendingAppend> batch, SQLException e) {
    interrupted("The event store refused to store", e);
    // A new session mends whatever was wrong with the old one.
    disconnect();
    var unavailable =
        new EventStoreUnavailableException("The event store could not take the events", e);
    batch.forEach(pending -> pending.failed(unavailable));
  }

  /** A right or a table that only keys need costs commands without one nothing. */
  private void notAllowed(List<PendingAppend> batch, List<PendingAppend> keyed)
      throws InterruptedException {
    batch.forEach(PendingAppend::takenBack);
    settle(batch.stream().filter(one -> one.keyed() == null).toList());
    settle(keyed);
  }

  /**
   * Commands that cannot wait any longer are told that nothing was stored; the others go on
   * waiting.
   */
  private void locked(List<PendingAppend> batch, SQLException e) throws InterruptedException {
    var late =
        batch.stream().filter(p -> p.left().compareTo(AppendSession.TIME_TO_TELL) <= 0).toList();
    var unavailable =
        new EventStoreUnavailableException("The event store was locked for too long", e);
    late.forEach(pending -> pending.failed(unavailable));
    // If nobody is late, the lock was refused at once, for whatever reason, and not after the wait.
    if (late.isEmpty()) retryLater("The event store is locked", e);
  }

  /** Finds the command whose events cannot be stored, so that it costs the others nothing. */
  private void aboutTheData(List<PendingAppend> batch, SQLException e) throws InterruptedException {
    if (batch.size() > 1) {
      batch.forEach(PendingAppend::takenBack);
      for (PendingAppend pending : batch) settle(List.of(pending));
      return;
    }
    // An earlier copy had the same data, so it was refused too.
    log.error("Events that PostgreSQL does not take: SQL state {}", e.getSQLState());
    var refused = new EventStoreException("The event store does not take the events", e);
    batch.forEach(pending -> pending.failed(refused));
  }

  private AppendSession session() throws SQLException {
    AppendSession open = session;
    if (open == null) {
      open = sessions.open(lastStored);
      session = open;
    }
    return open;
  }

  /** Closes the session, if there is one. */
  void disconnect() {
    AppendSession open = session;
    session = null;
    if (open != null) open.close();
  }

  private void retryLater(String what, SQLException e) throws InterruptedException {
    interrupted(what, e);
    disconnect();
    beforePause.run();
    Thread.sleep(PAUSE_AFTER_FAILURE);
  }

  /** Logs each reason once, however often the batch is tried. */
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
}
