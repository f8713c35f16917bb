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

  /** Corrects it to what the database says, which a crash may have taken back. */
  void is(long committed) {
    lock.lock();
    try {
      boolean forward = committed > position;
      position = committed;
      if (forward) moved.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The position that this node has heard of. */
  long position() {
    lock.lock();
    try {
      return position;
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
