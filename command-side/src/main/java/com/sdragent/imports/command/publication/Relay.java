package com.sdragent.imports.command.publication;

import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.Notifications;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
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
 * in one Kafka transaction, and whoever takes over reads the position back after fencing its
 * predecessor. The store is the outbox; no request ever waits for Kafka.
 */
public final class Relay implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(Relay.class);
  private static final Duration POLL = Duration.ofMillis(250);

  /** Much longer than {@link #POLL}, so that nodes on standby take the turn that was given up. */
  private static final Duration PAUSE_WHEN_STOPPED = Duration.ofSeconds(2);

  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

  /** What the relay of this node is doing. */
  public enum Status {
    /** Another node publishes. */
    STANDBY,
    /** This node publishes. */
    ACTIVE,
    /** Kafka or the store does not answer; it tries again. */
    WAITING,
    /** It needs somebody to decide; it looks again now and then, when no other node publishes. */
    STOPPED
  }

  /**
   * A moment's view.
   *
   * @param position the last published position known to this node, -1 when it knows none
   * @param problem why it does not publish, or null
   */
  public record Progress(Status status, long position, @Nullable String problem) {}

  private final EventLog events;
  private final RelayProperties properties;
  private final RelayLease lease;
  private final RelayTerm.Setup setup;
  private final Semaphore wakeUps = new Semaphore(0);
  private volatile Progress progress = new Progress(Status.STANDBY, -1, null);
  private volatile CountDownLatch stopping = new CountDownLatch(1);
  private volatile @Nullable Thread thread;

  Relay(RelayTerm.Setup setup, RelayLease lease, Notifications notifications) {
    this.setup = setup;
    this.lease = lease;
    events = setup.log();
    properties = setup.properties();
    notifications.on(Notifications.Channel.DOMAIN_EVENT, _ -> wake());
  }

  /** What it is doing now. */
  public Progress progress() {
    return progress;
  }

  /** How many stored events are not published, NaN when another node publishes. */
  double lagEvents() {
    long position = progress.position();
    return position < 0 ? Double.NaN : events.head() - position;
  }

  /** The age in seconds of the oldest event that is not published, NaN as above. */
  double lagSeconds() {
    long position = progress.position();
    if (position < 0) return Double.NaN;
    return events.after(position, 1).stream()
        .findFirst()
        .map(event -> Duration.between(event.occurredAt(), Instant.now()).toMillis() / 1000.0)
        .orElse(0.0);
  }

  @Override
  public void start() {
    if (!properties.enabled()) return;
    stopping = new CountDownLatch(1);
    thread = Thread.ofPlatform().name("relay").start(this::run);
  }

  /** Ends the transaction under way and lets another node take over. */
  @Override
  public void stop() {
    Thread running = thread;
    thread = null;
    if (running == null) return;
    stopping.countDown();
    wake();
    try {
      if (!running.join(properties.timeout())) running.interrupt();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public boolean isRunning() {
    return thread != null;
  }

  /** Until the web server has answered its last request: what that stored is published as well. */
  @Override
  public int getPhase() {
    return WebServerApplicationContext.START_STOP_LIFECYCLE_PHASE - 1024;
  }

  private boolean isStopping() {
    return stopping.getCount() == 0;
  }

  private void wake() {
    if (wakeUps.availablePermits() == 0) wakeUps.release();
  }

  private void run() {
    while (!isStopping()) {
      try {
        if (lease.isOurs()) {
          publish();
        } else {
          at(Status.STANDBY, -1, null);
          pause(POLL);
        }
      } catch (PublicationStoppedException e) {
        if (!Objects.equals(e.getMessage(), progress.problem())) {
          log.error("Publishing stopped: {}", e.getMessage());
        }
        at(Status.STOPPED, progress.position(), e.getMessage());
        // Another version may know what this one does not: the others come first.
        giveUpLease();
        pause(PAUSE_WHEN_STOPPED);
      } catch (KafkaException | DataAccessException | ExecutionException | TimeoutException e) {
        String problem = e.getClass().getSimpleName() + ": " + e.getMessage();
        boolean published = progress.status() == Status.ACTIVE;
        if (progress.status() != Status.WAITING) log.warn("Publishing waits: {}", problem);
        at(Status.WAITING, progress.position(), problem);
        // Another node may still reach what this one does not.
        if (published) giveUpLease();
        pause(PAUSE_AFTER_FAILURE);
      } catch (InterruptedException e) {
        break;
      } catch (RuntimeException | Error e) {
        log.error("Publishing failed unexpectedly", e);
        at(Status.WAITING, progress.position(), e.getClass().getSimpleName());
        pause(PAUSE_AFTER_FAILURE);
      }
    }
    giveUpLease();
  }

  private void giveUpLease() {
    try {
      lease.giveUp();
    } catch (DataAccessException e) {
      log.debug("The lease runs out by itself", e);
    }
  }

  /** Publishes for as long as it is this node's turn. */
  private void publish() throws InterruptedException, ExecutionException, TimeoutException {
    try (var _ = new LeaseKeeper(properties.lease(), lease::isOurs);
        RelayTerm term = RelayTerm.begin(setup)) {
      log.info("Publishing from position {}", term.position());
      // How much there is to publish is known also when it stops right here.
      at(progress.status(), term.position(), progress.problem());
      while (!isStopping() && lease.isOurs()) {
        long begun = System.nanoTime();
        int published = term.publishNext();
        at(Status.ACTIVE, term.position(), null);
        if (published == 0) {
          if (wakeUps.tryAcquire(POLL.toMillis(), TimeUnit.MILLISECONDS)) wakeUps.drainPermits();
        } else if (published < properties.batchSize()) {
          // A transaction has its price: events that come close together share one.
          pause(properties.batchTime().minusNanos(System.nanoTime() - begun));
        }
      }
    }
  }

  private void at(Status status, long position, @Nullable String problem) {
    progress = new Progress(status, position, problem);
  }

  private void pause(Duration length) {
    try {
      if (!length.isNegative()) stopping.await(length.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      stopping.countDown();
    }
  }
}
