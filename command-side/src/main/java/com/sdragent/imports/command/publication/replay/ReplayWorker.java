package com.sdragent.imports.command.publication.replay;

import com.sdragent.imports.command.publication.LeaseKeeper;
import com.sdragent.imports.command.publication.RightStore;
import com.sdragent.imports.command.publication.kafka.Failure;
import com.sdragent.imports.command.publication.kafka.PublicationStoppedException;
import com.sdragent.imports.eventstore.Notifications;
import com.sdragent.imports.eventstore.RecordedEvent;
import com.sdragent.imports.loops.Loops;
import com.sdragent.imports.loops.SupervisedLoop;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;

/**
 * Runs private replays, each on one node at a time. Every event of a replay is published once for a
 * {@code read_committed} consumer, in the order of positions for each key, whatever dies meanwhile:
 * a successor fences its predecessor and asks the target what was committed.
 */
final class ReplayWorker implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(ReplayWorker.class);
  private static final Duration POLL = Duration.ofMillis(500);

  /** How long it rests while no replay runs, in case that a notification was lost. */
  private static final Duration IDLE = Duration.ofSeconds(30);

  private static final int MOST_AT_ONCE = 4;

  /**
   * How many positions one statement looks at: a statement that finds little must not take long.
   */
  private static final int WINDOW = 20_000;

  private final Replays replays;
  private final ReplayTerm.Setup setup;
  private final ReplayProperties properties;
  private final RightStore rightStore;
  private final LeaseKeeper keeper;
  private final SupervisedLoop loop;
  private final Semaphore free = new Semaphore(MOST_AT_ONCE);

  ReplayWorker(
      Replays replays,
      ReplayTerm.Setup setup,
      ReplayProperties properties,
      RightStore rightStore,
      Notifications notifications,
      Loops loops) {
    this.replays = replays;
    this.setup = setup;
    this.properties = properties;
    this.rightStore = rightStore;
    keeper = new LeaseKeeper(loops, "replay-leases", properties.lease());
    loop = loops.loop("replays", this::look);
    notifications.on(Replays.CHANNEL, _ -> loop.wake());
  }

  @Override
  public void start() {
    if (!properties.enabled()) return;
    keeper.start();
    loop.start();
  }

  /** Has each replay end the transaction that is under way and let another node go on. */
  @Override
  public void stop() {
    if (!loop.isRunning()) return;
    Duration atMost = setup.properties().timeout();
    loop.stop(atMost);
    try {
      if (free.tryAcquire(MOST_AT_ONCE, atMost.toMillis(), TimeUnit.MILLISECONDS)) {
        free.release(MOST_AT_ONCE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    keeper.stop();
  }

  @Override
  public boolean isRunning() {
    return loop.isRunning();
  }

  private void look() throws InterruptedException {
    if (!free.tryAcquire()) {
      loop.pause(POLL);
      return;
    }
    boolean begun = false;
    try {
      begun = begin();
    } finally {
      if (!begun) free.release();
    }
    if (!begun) loop.rest(isAnyUnderWay() ? POLL : Loops.spread(IDLE));
  }

  /** Whether a replay runs, which this node takes over when its node dies. */
  private boolean isAnyUnderWay() {
    try {
      return replays.isAnyUnderWay();
    } catch (DataAccessException e) {
      log.debug("No look for replays", e);
      return true;
    }
  }

  private boolean begin() {
    UUID holder = UUID.randomUUID();
    try {
      rightStore.require();
      Optional<Replay> claimed = replays.claim(holder);
      claimed.ifPresent(
          replay ->
              Thread.ofPlatform()
                  .daemon()
                  .name("replay-" + replay.id())
                  .start(() -> run(replay, holder)));
      return claimed.isPresent();
    } catch (DataAccessException | PublicationStoppedException e) {
      // The relay says what is wrong with the store.
      log.debug("No look for replays", e);
      return false;
    }
  }

  private void run(Replay replay, UUID holder) {
    try {
      replays.release(replay.id(), holder, attempt(replay, holder));
    } catch (DataAccessException e) {
      log.debug("The lease runs out by itself", e);
    } finally {
      free.release();
    }
  }

  /** Returns why the attempt ended early, or null when nobody needs to know. */
  private @Nullable String attempt(Replay replay, UUID holder) {
    try (var _ = keeper.keep(() -> replays.keep(replay.id(), holder))) {
      if (replay.dryRun()) count(replay, holder);
      else publish(replay, holder);
      return null;
    } catch (PublicationStoppedException e) {
      return failed(replay, holder, String.valueOf(e.getMessage()));
    } catch (KafkaException | DataAccessException | ExecutionException | TimeoutException e) {
      Failure failure = Failure.of(e);
      if (!failure.passes()) return failed(replay, holder, failure.sentence());
      // The row of this replay keeps the last error, so an outage is logged once.
      if (!failure.sentence().equals(replay.error())) {
        log.warn("The replay {} waits: {} ({})", replay.id(), failure.sentence(), e.toString());
      }
      return failure.sentence();
    } catch (InterruptedException e) {
      // The replay stops here as it would at the end of a step: another node goes on.
      return null;
    } catch (RuntimeException e) {
      log.error("The replay {} failed unexpectedly", replay.id(), e);
      return failed(replay, holder, Failure.of(e).sentence());
    } catch (Error e) {
      log.error("The replay {} failed unexpectedly and is tried again", replay.id(), e);
      return Failure.of(e).sentence();
    }
  }

  private @Nullable String failed(Replay replay, UUID holder, String error) {
    log.error("The replay {} failed: {}", replay.id(), error);
    replays.fail(replay.id(), holder, error);
    return null;
  }

  private void count(Replay replay, UUID holder) {
    Optional<Replay> at = Optional.of(replay);
    while (loop.isRunning() && at.isPresent() && at.get().isRunning()) {
      long position = at.get().position();
      long upTo = windowEnd(at.get());
      long events = setup.log().count(replay.selection(), position, upTo);
      at = replays.advance(replay.id(), holder, upTo, events, null);
    }
  }

  private void publish(Replay replay, UUID holder)
      throws InterruptedException, ExecutionException, TimeoutException {
    try (ReplayTerm term = ReplayTerm.begin(setup, replay)) {
      // A predecessor may have committed more than the row says.
      long position = Math.max(replay.position(), term.committed());
      log.info("Replay {} into {} goes on at position {}", replay.id(), replay.target(), position);
      long events = setup.log().count(replay.selection(), replay.position(), position);
      Optional<Replay> at =
          replays.advance(replay.id(), holder, position, events, term.partitions());
      int most = Math.min(properties.batchSize(), replay.eventsPerSecond());
      while (loop.isRunning() && at.isPresent() && at.get().isRunning()) {
        long begun = System.nanoTime();
        long upTo = windowEnd(at.get());
        List<RecordedEvent> selected =
            setup.log().selected(replay.selection(), at.get().position(), upTo, most);
        int published = selected.isEmpty() ? 0 : term.publish(selected);
        // The window may hold more events than fit into one batch.
        boolean all = published == selected.size() && published < most;
        long last = all ? upTo : selected.get(published - 1).position();
        at = replays.advance(replay.id(), holder, last, published, term.partitions());
        long due = published * TimeUnit.SECONDS.toNanos(1) / replay.eventsPerSecond();
        loop.pause(Duration.ofNanos(begun + due - System.nanoTime()));
      }
    }
  }

  private static long windowEnd(Replay at) {
    return Math.max(at.position(), Math.min(at.position() + WINDOW, at.toPosition()));
  }
}
