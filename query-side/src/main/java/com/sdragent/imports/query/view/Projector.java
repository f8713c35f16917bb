package com.sdragent.imports.query.view;

import com.sdragent.imports.eventstore.Notifications;
import com.sdragent.imports.query.view.ImportProjection.Turn;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * Keeps the read model current. Every query node runs one and takes turns with the others batch by
 * batch, so when one dies the next batch is simply another's.
 */
final class Projector implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(Projector.class);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(500);

  private final ImportProjection projection;
  private final ProjectionProgress progress;
  private final Duration lookAgain;
  private final Semaphore wakeUps = new Semaphore(0);
  private final Counter applied;
  private final DistributionSummary batchSizes;
  private volatile @Nullable String problem;
  private volatile boolean running;
  private @Nullable Thread thread;

  /**
   * @param lookAgain how long it rests at most: a notification may be lost, another projector die
   */
  Projector(
      ImportProjection projection,
      ProjectionProgress progress,
      Duration lookAgain,
      Notifications notifications,
      MeterRegistry metrics) {
    this.projection = projection;
    this.progress = progress;
    this.lookAgain = lookAgain;
    applied =
        Counter.builder("imports.projection.events")
            .description("Events that this node applied to the read model")
            .register(metrics);
    batchSizes =
        DistributionSummary.builder("imports.projection.batch.size")
            .description("Events applied in one transaction")
            .publishPercentiles(0.5, 0.99)
            .register(metrics);
    notifications.on(Notifications.Channel.DOMAIN_EVENT, _ -> wake());
    notifications.on(Notifications.Channel.IMPORT_VIEW, this::reached);
  }

  /** Why the read model is not kept current, or null. */
  @Nullable String problem() {
    return problem;
  }

  @Override
  public synchronized void start() {
    running = true;
    thread = Thread.ofPlatform().name("projector").start(this::run);
  }

  @Override
  public synchronized void stop() {
    running = false;
    wake();
    Thread stopping = thread;
    thread = null;
    if (stopping == null) return;
    try {
      stopping.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  private void wake() {
    if (wakeUps.availablePermits() == 0) wakeUps.release();
  }

  private void reached(String position) {
    if (!position.isEmpty()) progress.reached(Long.parseLong(position));
  }

  private void run() {
    while (running) {
      Duration rest = Duration.ZERO;
      Duration pause = Duration.ZERO;
      try {
        Turn turn = projection.applyNext();
        if (turn != null) {
          progress.reached(turn.position());
          if (turn.events() > 0) {
            applied.increment(turn.events());
            batchSizes.record(turn.events());
          }
        }
        if (problem != null) {
          log.info("The projection goes on");
          problem = null;
        }
        if (turn == null || !turn.more()) rest = lookAgain;
      } catch (ProjectionStoppedException e) {
        if (problem == null) log.error("The projection stopped: {}", e.getMessage());
        problem = e.getMessage();
        pause = PAUSE_AFTER_FAILURE;
      } catch (DataAccessException | TransactionException e) {
        if (problem == null) log.warn("The projection waits for the database: {}", e.getMessage());
        problem = "The database does not answer";
        pause = PAUSE_AFTER_FAILURE;
      } catch (Throwable e) {
        // An error too, such as a lack of memory: without this thread the reads of all would wait.
        if (problem == null) log.error("The projection failed unexpectedly", e);
        problem = e.getClass().getSimpleName();
        pause = PAUSE_AFTER_FAILURE;
      }
      waitFor(pause, rest);
    }
  }

  /** Wake-ups end the rest, yet not the pause: others may do what this node cannot. */
  private void waitFor(Duration pause, Duration rest) {
    try {
      if (pause.isPositive()) Thread.sleep(pause);
      if (!rest.isPositive()) return;
      if (wakeUps.tryAcquire(rest.toMillis(), TimeUnit.MILLISECONDS)) wakeUps.drainPermits();
    } catch (InterruptedException e) {
      running = false;
    }
  }
}
