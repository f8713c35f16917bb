package com.sdragent.imports.query.view;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The position that the projection is known to have reached, for those who wait for a later one.
 */
final class ProjectionProgress {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition moved = lock.newCondition();
  private long position;

  /** Says that the projection has committed this position. */
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

  /** Waits until the position is reached; false when the time is up first. */
  boolean await(long target, Duration limit) {
    long left = limit.toNanos();
    lock.lock();
    try {
      while (position < target) {
        if (left <= 0) return false;
        left = moved.awaitNanos(left);
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }
}
