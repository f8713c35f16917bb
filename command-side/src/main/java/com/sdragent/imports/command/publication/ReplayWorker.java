package com.sdragent.imports.command.publication;

import com.sdragent.imports.eventstore.RecordedEvent;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
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
  private static final int MOST_AT_ONCE = 4;

  /** How many positions one statement looks at: one that finds little must not last. */
  private static final int WINDOW = 20_000;

  private final Replays replays;
  private final ReplayTerm.Setup setup;
  private final ReplayProperties properties;
  private volatile Semaphore free = new Semaphore(MOST_AT_ONCE);
  private volatile CountDownLatch stopping = new CountDownLatch(1);
  private volatile boolean running;

  ReplayWorker(Replays replays, ReplayTerm.Setup setup, ReplayProperties properties) {
    this.replays = replays;
    this.setup = setup;
    this.properties = properties;
  }

  @Override
  public void start() {
    if (!properties.enabled()) return;
    stopping = new CountDownLatch(1);
    free = new Semaphore(MOST_AT_ONCE);
    running = true;
    Thread.ofVirtual().name("replays").start(this::look);
  }

  /** Each replay ends the transaction under way and lets another node go on. */
  @Override
  public void stop() {
    if (!running) return;
    running = false;
    stopping.countDown();
    try {
      boolean _ =
          free.tryAcquire(
              MOST_AT_ONCE, setup.properties().timeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  private void look() {
    Semaphore free = this.free;
    while (running) {
      if (free.tryAcquire()) {
        UUID holder = UUID.randomUUID();
        Optional<Replay> claimed = claim(holder);
        if (claimed.isPresent()) {
          Thread.ofPlatform()
              .daemon()
              .name("replay-" + claimed.get().id())
              .start(() -> run(claimed.get(), holder, free));
          continue;
        }
        free.release();
      }
      pause(POLL);
    }
  }

  private Optional<Replay> claim(UUID holder) {
    try {
      return replays.claim(holder);
    } catch (RuntimeException e) {
      log.debug("No look for replays", e);
      return Optional.empty();
    }
  }

  private void run(Replay replay, UUID holder, Semaphore free) {
    try {
      replays.release(replay.id(), holder, attempt(replay, holder));
    } catch (DataAccessException e) {
      log.debug("The lease runs out by itself", e);
    } finally {
      free.release();
    }
  }

  /** Returns why it ended early, null when there is no reason that anybody needs to know. */
  private @Nullable String attempt(Replay replay, UUID holder) {
    try (var _ = new LeaseKeeper(properties.lease(), () -> replays.keep(replay.id(), holder))) {
      if (replay.dryRun()) count(replay, holder);
      else publish(replay, holder);
      return null;
    } catch (PublicationStoppedException e) {
      log.error("The replay {} failed: {}", replay.id(), e.getMessage());
      replays.fail(replay.id(), holder, String.valueOf(e.getMessage()));
      return null;
    } catch (KafkaException | DataAccessException | ExecutionException | TimeoutException e) {
      String problem = e.getClass().getSimpleName() + ": " + e.getMessage();
      log.warn("The replay {} waits: {}", replay.id(), problem);
      return problem;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    } catch (RuntimeException | Error e) {
      log.error("The replay {} failed unexpectedly and is tried again", replay.id(), e);
      return e.getClass().getSimpleName();
    }
  }

  private void count(Replay replay, UUID holder) {
    Optional<Replay> at = Optional.of(replay);
    while (running && at.isPresent() && at.get().isRunning()) {
      long position = at.get().position();
      long upTo = windowEnd(at.get());
      long events = setup.log().count(replay.selection(), position, upTo);
      at = replays.advance(replay.id(), holder, upTo, events, null);
    }
  }

  private void publish(Replay replay, UUID holder)
      throws InterruptedException, ExecutionException, TimeoutException {
    try (ReplayTerm term = ReplayTerm.begin(setup, replay)) {
      // What was committed before its row could say so.
      long position = Math.max(replay.position(), term.committed());
      log.info("Replay {} into {} goes on at position {}", replay.id(), replay.target(), position);
      long events = setup.log().count(replay.selection(), replay.position(), position);
      Optional<Replay> at =
          replays.advance(replay.id(), holder, position, events, term.partitions());
      int most = Math.min(properties.batchSize(), replay.eventsPerSecond());
      while (running && at.isPresent() && at.get().isRunning()) {
        long begun = System.nanoTime();
        long upTo = windowEnd(at.get());
        List<RecordedEvent> selected =
            setup.log().selected(replay.selection(), at.get().position(), upTo, most);
        if (!selected.isEmpty()) term.publish(selected);
        // More than fit may be in the window.
        long last = selected.size() < most ? upTo : selected.getLast().position();
        at = replays.advance(replay.id(), holder, last, selected.size(), term.partitions());
        long due = selected.size() * TimeUnit.SECONDS.toNanos(1) / replay.eventsPerSecond();
        pause(Duration.ofNanos(begun + due - System.nanoTime()));
      }
    }
  }

  private static long windowEnd(Replay at) {
    return Math.max(at.position(), Math.min(at.position() + WINDOW, at.toPosition()));
  }

  private void pause(Duration length) {
    try {
      if (length.isPositive()) {
        boolean _ = stopping.await(length.toNanos(), TimeUnit.NANOSECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
