package com.sdragent.imports.loops;

import io.micrometer.core.instrument.Counter;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that takes rounds until it is stopped, whatever a round throws. A failed round, even
 * with an {@link Error}, is logged and counted, and the next one comes after a pause. A loop whose
 * rounds have failed for too long is ill: {@link Loops} tells liveness, so that somebody restarts
 * the process.
 *
 * <p>An interrupt means nothing but "stop waiting": the loop ends when {@link #stop} was called,
 * and goes on otherwise.
 */
public final class SupervisedLoop {
  private static final Logger log = LoggerFactory.getLogger(SupervisedLoop.class);
  private static final Duration SHORTEST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  /**
   * One round. It ends within a bounded time, and deals by itself with the failures that it
   * expects.
   */
  @FunctionalInterface
  public interface Round {
    /** Takes the round. */
    void run() throws InterruptedException;
  }

  private enum Wait {
    NONE,
    REST,
    GATHERING
  }

  private final String name;
  private final Round round;
  private final Counter failures;
  private final Duration illAfter;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private Wait wait = Wait.NONE;
  private boolean woken;
  private boolean hurried;
  private volatile boolean running;
  private volatile @Nullable Thread thread;
  private volatile long failingSince;
  private volatile boolean failing;

  SupervisedLoop(String name, Round round, Counter failures, Duration illAfter) {
    this.name = name;
    this.round = round;
    this.failures = failures;
    this.illAfter = illAfter;
  }

  /** Starts the loop, or does nothing when it runs already. */
  public void start() {
    lock.lock();
    try {
      if (running) return;
      running = true;
      thread = Thread.ofPlatform().daemon().name(name).start(this::run);
    } finally {
      lock.unlock();
    }
  }

  /** Asks the loop to end after the round that is under way, without waiting for that. */
  public void end() {
    lock.lock();
    try {
      running = false;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Ends the loop after the round that is under way. A round that takes longer than this is
   * interrupted where it waits.
   */
  public void stop(Duration atMost) {
    end();
    Thread ending = thread;
    if (ending == null || ending == Thread.currentThread()) return;
    try {
      if (ending.join(atMost)) return;
      ending.interrupt();
      boolean _ = ending.join(atMost);
    } catch (InterruptedException e) {
      ending.interrupt();
      Thread.currentThread().interrupt();
    }
  }

  /** Whether another round is to follow. */
  public boolean isRunning() {
    return running;
  }

  /** Ends the {@link #rest} that is under way, or else the next one. */
  public void wake() {
    lock.lock();
    try {
      woken = true;
      // A thread that waits for something else is left alone: there are many wake-ups.
      if (wait == Wait.REST) changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Wakes it, and ends the {@link #gather} that is under way, or else the next one. */
  public void hurry() {
    lock.lock();
    try {
      woken = true;
      hurried = true;
      if (wait == Wait.REST || wait == Wait.GATHERING) changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until it is woken, stopped or the time is up. A round that rests has done its work: it no
   * longer counts as failing.
   *
   * @return whether it was woken
   */
  public boolean rest(Duration atMost) throws InterruptedException {
    recovered();
    return await(atMost, Wait.REST);
  }

  /** Waits until it is hurried, stopped or the time is up; being woken does not shorten it. */
  public void gather(Duration atMost) throws InterruptedException {
    await(atMost, Wait.GATHERING);
  }

  /**
   * Waits until the time is up or it is stopped; nothing else shortens it. Other threads than the
   * loop's own, which work for it, may wait so as well.
   */
  public void pause(Duration length) throws InterruptedException {
    long left = length.toNanos();
    lock.lock();
    try {
      while (running && left > 0) left = changed.awaitNanos(left);
    } finally {
      lock.unlock();
    }
  }

  /** The loop's own thread alone waits here: of one only it is known what it waits for. */
  private boolean await(Duration length, Wait kind) throws InterruptedException {
    long left = length.toNanos();
    lock.lock();
    try {
      wait = kind;
      while (running && left > 0 && !isOver(kind)) left = changed.awaitNanos(left);
      boolean called = isOver(kind);
      if (kind == Wait.REST) woken = false;
      if (kind == Wait.GATHERING) hurried = false;
      return called;
    } finally {
      wait = Wait.NONE;
      lock.unlock();
    }
  }

  private boolean isOver(Wait kind) {
    return switch (kind) {
      case REST -> woken;
      case GATHERING -> hurried;
      case NONE -> false;
    };
  }

  /** Why somebody should restart the process, or null. */
  @Nullable String illness() {
    Thread one = thread;
    if (!running) return null;
    if (one == null || !one.isAlive()) return "The loop " + name + " has ended";
    long since = failingSince;
    return failing && System.nanoTime() - since > illAfter.toNanos()
        ? "The loop " + name + " fails again and again"
        : null;
  }

  private void run() {
    Duration pause = SHORTEST_PAUSE;
    while (running) {
      try {
        round.run();
        recovered();
      } catch (InterruptedException e) {
        // Only stop() may end the loop here.
      } catch (Throwable e) {
        pause = failing ? longer(pause) : SHORTEST_PAUSE;
        failed(e);
        pauseAfterFailure(pause);
      }
    }
  }

  private void recovered() {
    if (!failing) return;
    failing = false;
    log.info("The loop {} goes on", name);
  }

  /** Logs the failure once, however often it happens; nothing here may end the loop. */
  private void failed(Throwable e) {
    try {
      failures.increment();
      if (failing) {
        log.debug("The loop {} failed again", name, e);
        return;
      }
      failingSince = System.nanoTime();
      failing = true;
      log.error("The loop {} failed and is tried again", name, e);
    } catch (Throwable more) {
      // There may be no memory for the message, for example.
    }
  }

  private void pauseAfterFailure(Duration length) {
    try {
      pause(length);
    } catch (InterruptedException e) {
      // The same holds here.
    }
  }

  private static Duration longer(Duration pause) {
    Duration doubled = pause.multipliedBy(2);
    return doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
  }
}
