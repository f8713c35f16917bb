package com.sdragent.imports.query.projection;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The position that a projection is known to have reached, for requests that wait for a later one.
 */
public final class ProjectionProgress {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition moved = lock.newCondition();
  private volatile long position;
  private boolean running;

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
    long left = limit.toNanos();
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
