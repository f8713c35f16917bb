package com.sdragent.imports.command.publication;

import com.sdragent.imports.command.publication.kafka.Failure;
import com.sdragent.imports.command.publication.kafka.PublicationStoppedException;
import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.Notifications;
import com.sdragent.imports.loops.Loops;
import com.sdragent.imports.loops.SupervisedLoop;
import com.sdragent.imports.loops.ThisNode;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;

/**
 * Publishes the store's events to Kafka, each exactly once for a {@code read_committed} consumer
 * and in the order of their positions for each key: the events and the new position are committed
 * in one Kafka transaction, and a node that takes over reads the position back after fencing its
 * predecessor. The store is the outbox; no request ever waits for Kafka.
 */
public final class Relay implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(Relay.class);
  private static final Duration POLL = Duration.ofMillis(250);

  /** How long after the end of another's lease a node takes its turn, at the least. */
  private static final Duration TURN = Duration.ofMillis(100);

  /**
   * The pause is much longer than {@link #POLL}, so that a standby node takes the turn that was
   * given up.
   */
  static final Duration PAUSE_WHEN_STOPPED = Duration.ofSeconds(2);

  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

  /** What the relay of this node is doing. */
  public enum Status {
    /** Another node publishes. */
    STANDBY,
    /** This node publishes. */
    ACTIVE,
    /** Kafka or the store does not answer; the relay tries again. */
    WAITING,
    /**
     * The relay needs an operator's decision; it looks again now and then, when no other node
     * publishes.
     */
    STOPPED
  }

  /**
   * What the relay was doing at one moment.
   *
   * @param position the last published position known to this node, -1 when it knows none
   * @param problem why the relay does not publish, or null
   */
  public record Progress(Status status, long position, @Nullable String problem) {}

  private final EventLog events;
  private final RelayProperties properties;
  private final RelayLease lease;
  private final RelayTerm.Setup setup;
  private final RightStore rightStore;
  private final Duration pauseWhenStopped;
  private final LeaseKeeper keeper;
  private final SupervisedLoop loop;
  private final Counter published;
  private final DistributionSummary batchSizes;
  private final Timer batchTimes;
  private volatile Progress progress = new Progress(Status.STANDBY, -1, null);
  private volatile @Nullable Term term;

  private record Term(RelayTerm term, OperatorRequests requests, LeaseKeeper.Kept kept) {}

  /**
   * @param rightStore looks before each turn, until it has seen that the store is the right one
   * @param pauseWhenStopped how long a stopped relay waits before it looks again whether it can go
   *     on
   */
  Relay(
      RelayTerm.Setup setup,
      RelayLease lease,
      RightStore rightStore,
      Notifications notifications,
      Loops loops,
      MeterRegistry metrics,
      Duration pauseWhenStopped) {
    this.setup = setup;
    this.lease = lease;
    this.rightStore = rightStore;
    this.pauseWhenStopped = pauseWhenStopped;
    events = setup.log();
    properties = setup.properties();
    keeper = new LeaseKeeper(loops, "relay-lease", properties.lease());
    loop = loops.loop("relay", this::round);
    published =
        Counter.builder("imports.relay.events")
            .description("Events that this node published, or parked")
            .register(metrics);
    batchSizes =
        DistributionSummary.builder("imports.relay.batch.size")
            .description("Events that one Kafka transaction published")
            .register(metrics);
    batchTimes =
        Timer.builder("imports.relay.batch.duration")
            .description("Time from reading the events of a transaction to Kafka's commit")
            .register(metrics);
    notifications.on(Notifications.Channel.DOMAIN_EVENT, _ -> loop.wake());
    notifications.on(RelayLease.CHANNEL, _ -> loop.hurry());
  }

  /** What the relay is doing now. */
  public Progress progress() {
    return progress;
  }

  /**
   * How much is not published.
   *
   * @param events how many stored events
   * @param seconds the age of the oldest of them, or 0
   */
  record Lag(double events, double seconds) {
    private static final Lag UNKNOWN = new Lag(Double.NaN, Double.NaN);
  }

  /**
   * The lag as far as this node knows: NaN when it is another's turn. A node that cannot publish,
   * or ask Kafka how far it has come, goes by what the last one noted, so it never tells too
   * little.
   */
  Lag lag() {
    Progress now = progress;
    if (now.status() == Status.STANDBY) return Lag.UNKNOWN;
    long position =
        now.status() == Status.ACTIVE
            ? now.position()
            : Math.max(now.position(), lease.published());
    if (position < 0) return Lag.UNKNOWN;
    double oldest =
        events.eventsAfter(position, 1).stream()
            .findFirst()
            .map(event -> Duration.between(event.occurredAt(), Instant.now()).toMillis() / 1000.0)
            .orElse(0.0);
    return new Lag(events.head() - position, oldest);
  }

  /**
   * How far events are published, and where to, as nodes have noted it.
   *
   * @param position up to which all are published that are not parked, or null when nothing ever
   *     was
   * @param partitions of both topics, or null when it is not known yet
   */
  public record Reach(@Nullable Long position, @Nullable Integer partitions) {}

  /** How far events are published, by one look at a row. */
  public Reach reach() {
    return reach(progress, lease.noted());
  }

  private static Reach reach(Progress now, RelayLease.Noted noted) {
    long position = Math.max(now.position(), noted.published());
    return new Reach(position < 0 ? null : position, noted.partitions());
  }

  /** How far events are published, whichever node does it, and what this node does for it. */
  public PublicationStatus status() {
    Progress now = progress;
    RelayLease.Noted noted = lease.noted();
    Reach reach = reach(now, noted);
    long position = reach.position() == null ? 0 : reach.position();
    long head = events.head();
    double oldest =
        events.eventsAfter(position, 1).stream()
            .findFirst()
            .map(event -> Duration.between(event.occurredAt(), noted.time()).toMillis() / 1000.0)
            .orElse(0.0);
    return new PublicationStatus(
        noted.time(),
        ThisNode.name(),
        properties.enabled() ? now.status().name().toLowerCase(Locale.ROOT) : "off",
        now.problem(),
        noted.node(),
        head,
        reach.position(),
        Math.max(0, head - position),
        Math.max(0, oldest),
        setup.parked().count(),
        properties.eventsTopic(),
        properties.stateTopic(),
        reach.partitions());
  }

  @Override
  public void start() {
    if (!properties.enabled()) return;
    keeper.start();
    loop.start();
  }

  /** Ends the transaction that is under way and lets another node take over. */
  @Override
  public void stop() {
    if (!loop.isRunning()) return;
    loop.stop(properties.timeout());
    endTerm();
    giveUpLease();
    keeper.stop();
  }

  @Override
  public boolean isRunning() {
    return loop.isRunning();
  }

  /**
   * Stops the relay after the web server has answered its last request, so that its events are
   * published as well.
   */
  @Override
  public int getPhase() {
    return WebServerApplicationContext.START_STOP_LIFECYCLE_PHASE - 1024;
  }

  private void round() throws InterruptedException {
    try {
      // PostgreSQL may have been away when the node started.
      rightStore.require();
      Term current = term;
      if (current != null && lease.isOurs()) {
        publish(current.term(), current.requests());
      } else if (current != null) {
        endTerm();
      } else if (lease.isOurs()) {
        begin();
      } else {
        at(Status.STANDBY, -1, null);
        // Events do not end this wait, so a commit has one node ask the database.
        loop.gather(lease.left().plus(Loops.spread(TURN)));
      }
    } catch (PublicationStoppedException e) {
      stopped(String.valueOf(e.getMessage()));
    } catch (KafkaException | DataAccessException | ExecutionException | TimeoutException e) {
      Failure failure = Failure.of(e);
      if (failure.passes()) waits(failure.sentence(), e);
      else stopped(failure.sentence());
    } catch (RuntimeException | Error e) {
      endTerm();
      at(Status.WAITING, progress.position(), Failure.of(e).sentence());
      throw e;
    }
  }

  private void begin() throws InterruptedException, ExecutionException, TimeoutException {
    LeaseKeeper.Kept kept = keeper.keep(lease::isOurs);
    try {
      RelayTerm begun = RelayTerm.begin(setup);
      lease.partitions(begun.last().partitions());
      term = new Term(begun, new OperatorRequests(begun, setup), kept);
      // The lag is then known even when the relay stops right here.
      at(progress.status(), begun.last().position(), progress.problem());
    } finally {
      if (term == null) kept.close();
    }
  }

  /** Publishes as many events as one transaction takes, and does what operators ask for. */
  private void publish(RelayTerm term, OperatorRequests requests) throws InterruptedException {
    boolean attended = requests.attend();
    long from = term.last().position();
    long begun = System.nanoTime();
    int taken = term.publishNext();
    long lasted = System.nanoTime() - begun;
    if (taken > 0) {
      batchTimes.record(lasted, TimeUnit.NANOSECONDS);
      batchSizes.record(taken);
      published.increment(taken);
    }
    if (progress.status() != Status.ACTIVE) log.info("Publishing from position {}", from);
    at(Status.ACTIVE, term.last().position(), null);
    if (attended) return;
    if (taken == 0) {
      loop.rest(POLL);
    } else if (taken < properties.batchSize()) {
      // A transaction has its price, so events that come close together share one.
      // Kafka still writes its markers, and lets no next one begin before they are there.
      loop.pause(Loops.rest(Duration.ofNanos(lasted), properties.batchTime()));
    }
  }

  private void stopped(String problem) throws InterruptedException {
    endTerm();
    if (!problem.equals(progress.problem())) log.error("Publishing stopped: {}", problem);
    at(Status.STOPPED, progress.position(), problem);
    // A node of another version may know the event, so the others come first.
    giveUpLease();
    loop.pause(pauseWhenStopped);
  }

  private void waits(String problem, Exception why) throws InterruptedException {
    endTerm();
    boolean wasActive = progress.status() == Status.ACTIVE;
    if (!problem.equals(progress.problem()))
      log.warn("Publishing waits: {} ({})", problem, why.toString());
    at(Status.WAITING, progress.position(), problem);
    // Another node may still reach the server that this one does not reach.
    if (wasActive) giveUpLease();
    loop.pause(PAUSE_AFTER_FAILURE);
  }

  private void endTerm() {
    Term ending = term;
    term = null;
    if (ending == null) return;
    ending.kept().close();
    ending.term().close();
  }

  private void giveUpLease() {
    try {
      lease.giveUp();
    } catch (DataAccessException e) {
      log.debug("The lease runs out by itself", e);
    }
  }

  private void at(Status status, long position, @Nullable String problem) {
    if (status == Status.ACTIVE) lease.published(position);
    progress = new Progress(status, position, problem);
  }
}
