package com.sdragent.imports.query.projection;

import com.sdragent.imports.eventstore.Notifications;
import com.sdragent.imports.eventstore.RecordedEvent;
import com.sdragent.imports.loops.Loops;
import com.sdragent.imports.loops.SupervisedLoop;
import com.sdragent.imports.query.projection.ProjectionBatches.Turn;
import com.sdragent.imports.traces.Traces;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.opentelemetry.api.trace.SpanKind;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * Keeps a projection current. Every query node runs one and takes turns with the others batch by
 * batch, so when one dies, another simply takes the next batch.
 */
final class Projector {
  private static final Logger log = LoggerFactory.getLogger(Projector.class);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(500);
  private static final long ANY = Long.MAX_VALUE;
  private static final long NOTHING = -1;
  private static final Duration STOP_WITHIN = Duration.ofSeconds(5);

  /** So long the node that applied the last batch has for the next one, besides its rest. */
  private static final Duration GRACE = Duration.ofMillis(100);

  /** A batch works for a ninth of the time at most while no request waits. */
  private static final int RESTS = 8;

  /** How long it rests when nothing happens, in case that a notification was lost. */
  private static final Duration IDLE = Duration.ofSeconds(30);

  private final RunningProjection<?> projection;
  private final ProjectionBatches<?> batches;
  private final Duration lookAgain;
  private final Duration batchTime;
  private final SupervisedLoop loop;
  private final Counter applied;
  private final DistributionSummary batchSizes;
  private final Timer batchTimes;
  private final Traces traces;
  private volatile @Nullable String problem;

  /** The position of the last event that this node was told of, the highest number if of any. */
  private final AtomicLong told = new AtomicLong(ANY);

  /** The position that this node has moved the projection to, or met first; -1 before it looked. */
  private long own = -1;

  /** Whether another node applied the last batch that this node knows of. */
  private volatile boolean standsBy;

  /**
   * @param lookAgain how long it rests at most while a request waits
   * @param batchTime how long events gather for the next batch while no request waits for them
   */
  Projector(
      RunningProjection<?> projection,
      ProjectionBatches<?> batches,
      Duration lookAgain,
      Duration batchTime,
      Notifications notifications,
      Loops loops,
      Traces traces,
      MeterRegistry metrics) {
    this.traces = traces;
    this.projection = projection;
    this.batches = batches;
    this.lookAgain = lookAgain;
    this.batchTime = batchTime;
    applied =
        Counter.builder("imports.projection.events")
            .description("Events that this node applied to a projection")
            .tag("projection", projection.name())
            .register(metrics);
    batchSizes =
        DistributionSummary.builder("imports.projection.batch.size")
            .description("Events applied in one transaction")
            .tag("projection", projection.name())
            .register(metrics);
    batchTimes =
        Timer.builder("imports.projection.batch.duration")
            .description("Time from reading the events of a transaction to its commit")
            .tag("projection", projection.name())
            .register(metrics);
    loop = loops.loop("projector of " + projection.name(), this::round);
    notifications.on(Notifications.Channel.DOMAIN_EVENT, this::told);
    projection.progress().onAwaited(loop::hurry);
    notifications.on(
        ProjectionPosition.CHANNEL,
        text -> projection.progress().reached(projection.position().told(text)));
  }

  /** The projection that this projector keeps current. */
  RunningProjection<?> projection() {
    return projection;
  }

  /** Applies events. */
  ProjectionBatches<?> batches() {
    return batches;
  }

  /** Why the projection is not kept current, or null. */
  @Nullable String problem() {
    return problem;
  }

  /** Whether this projector leaves the events to that of another node. */
  boolean standsBy() {
    return standsBy;
  }

  void start() {
    loop.start();
  }

  /** Asks the projector to begin no other batch. */
  void end() {
    loop.end();
  }

  /** Waits for the batch that is under way. */
  void stop() {
    loop.stop(STOP_WITHIN);
  }

  boolean isRunning() {
    return loop.isRunning();
  }

  private void told(String position) {
    told.accumulateAndGet(ToldPosition.read(position).orElse(ANY), Math::max);
    loop.wake();
  }

  /**
   * Whether another node applies the events that this one was told of. So, of hundreds of nodes, a
   * commit has one ask the database. A request that waits on this node has it look at once.
   */
  private boolean othersGoOn() throws InterruptedException {
    ProjectionProgress progress = projection.progress();
    if (progress.isAwaited()) return false;
    long before = progress.position();
    loop.gather(Loops.spread(GRACE.plus(Loops.longestRest(batchTime))));
    if (progress.isAwaited()) return false;
    if (progress.position() >= told.get()) return loop.rest(Loops.spread(IDLE));
    return progress.position() != before;
  }

  /** Takes a turn. What was told before it is forgotten once all of it is known to be applied. */
  private @Nullable Turn turn() {
    long left = told.getAndSet(NOTHING);
    try {
      Turn turn = batches.applyNext();
      if (turn != null && !turn.more()) left = turn.position();
      return turn;
    } finally {
      told.accumulateAndGet(left, Math::max);
    }
  }

  private void noteWhoseTurnItIs(@Nullable Turn turn) {
    if (turn != null && !turn.events().isEmpty()) standsBy = false;
    else if (turn == null || (own >= 0 && turn.position() > own)) standsBy = true;
    if (turn != null) own = turn.position();
  }

  private void round() throws InterruptedException {
    try {
      // A node that has a problem asks for itself whether it is over.
      if (standsBy && problem == null && othersGoOn()) return;
      long begun = System.nanoTime();
      long heard = projection.progress().position();
      Turn turn = turn();
      noteWhoseTurnItIs(turn);
      if (turn != null) {
        // It may be lower than what was heard, after a failover that lost events.
        projection.progress().looked(turn.position(), heard);
        if (!turn.events().isEmpty()) applied(turn, begun);
        goesOn();
      } else {
        // Its transaction may end without a batch, of which nobody tells.
        if (projection.progress().isAwaited()) loop.rest(lookAgain);
        else if (problem != null) loop.gather(PAUSE_AFTER_FAILURE);
        return;
      }
      if (turn.more()) return;
      if (!turn.events().isEmpty() && !projection.progress().isAwaited()) {
        long lasted = System.nanoTime() - begun;
        loop.gather(Loops.rest(Duration.ofNanos(RESTS * lasted), batchTime));
      }
      loop.rest(projection.progress().isAwaited() ? lookAgain : Loops.spread(IDLE));
    } catch (ProjectionStoppedException e) {
      if (problem == null) {
        log.error("The projection {} stopped: {}", projection.name(), e.getMessage());
      }
      problem = e.getMessage();
      loop.pause(PAUSE_AFTER_FAILURE);
    } catch (DataAccessException | TransactionException e) {
      if (problem == null) {
        log.warn("The projection {} waits for the database: {}", projection.name(), e.getMessage());
      }
      problem = "The database does not answer";
      loop.pause(PAUSE_AFTER_FAILURE);
    } catch (RuntimeException | Error e) {
      problem = "It failed unexpectedly and is tried again: see the log of this node";
      throw e;
    }
  }

  private void goesOn() {
    if (problem != null) log.info("The projection {} goes on", projection.name());
    problem = null;
  }

  private void applied(Turn turn, long begun) {
    long nanos = System.nanoTime() - begun;
    applied.increment(turn.events().size());
    batchSizes.record(turn.events().size());
    batchTimes.record(nanos, TimeUnit.NANOSECONDS);
    if (!traces.areOn()) return;
    traces
        .shared(
            "project batch",
            SpanKind.INTERNAL,
            Instant.now().minusNanos(nanos),
            turn.events().stream().map(RecordedEvent::traceParent))
        .with("imports.projection", projection.name())
        .with("imports.batch.events", turn.events().size())
        .with("imports.position", turn.position())
        .inParts("project " + projection.name())
        .close();
  }
}
