package com.sdragent.imports.query.view;

import com.sdragent.imports.eventstore.Notifications;
import com.sdragent.imports.loops.Loops;
import com.sdragent.imports.loops.SupervisedLoop;
import com.sdragent.imports.query.view.ImportProjection.Turn;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
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
  private static final Duration STOP_WITHIN = Duration.ofSeconds(5);

  private final ImportProjection projection;
  private final ProjectionProgress progress;
  private final Duration lookAgain;
  private final SupervisedLoop loop;
  private final Counter applied;
  private final DistributionSummary batchSizes;
  private volatile @Nullable String problem;

  /**
   * @param lookAgain how long it rests at most: a notification may be lost, another projector die
   */
  Projector(
      ImportProjection projection,
      ProjectionProgress progress,
      Duration lookAgain,
      Notifications notifications,
      Loops loops,
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
    loop = loops.loop("projector", this::round);
    notifications.on(Notifications.Channel.DOMAIN_EVENT, _ -> loop.wake());
    notifications.on(Notifications.Channel.IMPORT_VIEW, this::reached);
  }

  /** Why the read model is not kept current, or null. */
  @Nullable String problem() {
    return problem;
  }

  @Override
  public void start() {
    loop.start();
  }

  @Override
  public void stop() {
    loop.stop(STOP_WITHIN);
  }

  @Override
  public boolean isRunning() {
    return loop.isRunning();
  }

  /** Until the web server has answered its last request, which may wait for a write to be seen. */
  @Override
  public int getPhase() {
    return WebServerApplicationContext.START_STOP_LIFECYCLE_PHASE - 1024;
  }

  private void reached(String position) {
    if (!position.isEmpty()) progress.reached(Long.parseLong(position));
  }

  private void round() throws InterruptedException {
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
      if (turn == null || !turn.more()) loop.rest(lookAgain);
    } catch (ProjectionStoppedException e) {
      if (problem == null) log.error("The projection stopped: {}", e.getMessage());
      problem = e.getMessage();
      loop.pause(PAUSE_AFTER_FAILURE);
    } catch (DataAccessException | TransactionException e) {
      if (problem == null) log.warn("The projection waits for the database: {}", e.getMessage());
      problem = "The database does not answer";
      loop.pause(PAUSE_AFTER_FAILURE);
    } catch (RuntimeException | Error e) {
      problem = "It failed unexpectedly and is tried again: see the log of this node";
      throw e;
    }
  }
}
