package com.sdragent.imports.query.projection;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The position that a projection is known to have reached, for requests that wait for a later one.
 */
public final class ProjectionProgress {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition moved = lock.newCondition();
  private final AtomicInteger waiting = new AtomicInteger();
  private volatile Runnable onAwaited = () -> {};
  private volatile long position;
  private boolean running;

  /** Has this called whenever a request begins to wait and no other does. */
  void onAwaited(Runnable wake) {
    onAwaited = wake;
  }

  /** Whether a request waits for a position that was not reached when it looked. */
  boolean isAwaited() {
    return waiting() > 0;
  }

  /** How many requests wait for a position. */
  int waiting() {
    return waiting.get();
  }

  /** Notes that the projection has committed this position. */
  void reached(long committed) {
    lock.lock();
    try {
      if (committed <= position) return;
      position = committed;
      moved.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Corrects the position to the one that a look at the database has found, which may be lower
   * after a crash. A position that was heard of during the look is newer.
   *
   * @param heard the position that was known before the look
   */
  void looked(long committed, long heard) {
    if (committed == heard) return;
    lock.lock();
    try {
      if (committed > position) {
        position = committed;
        moved.signalAll();
      } else if (position == heard) {
        position = committed;
      }
    } finally {
      lock.unlock();
    }
  }

  /** The position that this node has heard of. */
  public long position() {
    return position;
  }

  /** Waits until the position is another, the time is up or the node stops. */
  public void awaitChange(long known, Duration limit) {
    long left = limit.toNanos();
    lock.lock();
    try {
      while (position == known && running && left > 0) left = moved.awaitNanos(left);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  /** Lets requests wait for a change. */
  public void begin() {
    setRunning(true);
  }

  /** Ends the waiting for a change. */
  public void end() {
    setRunning(false);
  }

  private void setRunning(boolean value) {
    lock.lock();
    try {
      running = value;
      moved.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Whether requests may wait for a change. */
  public boolean isRunning() {
    lock.lock();
    try {
      return running;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until the position is reached or the time is up. */
  void await(long target, Duration limit) {
    if (waiting.getAndIncrement() == 0) onAwaited.run();
    try {
      awaitReached(target, limit.toNanos());
    } finally {
      waiting.decrementAndGet();
    }
  }

  private void awaitReached(long target, long limit) {
    long left = limit;
    lock.lock();
    try {
      while (position < target) {
        if (left <= 0) return;
        left = moved.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }
}
