package com.sdragent.imports.access.limits;

import com.sdragent.imports.access.limits.LimitProperties.Limit;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * This node's part of a bucket that all nodes share. It has as many requests in hand as the last
 * draw brought, and asks for a hundredth of the limit more when it has none. What it has in hand is
 * missing in the bucket, so the nodes together never let more through than the bucket held. While
 * PostgreSQL does not answer, a bucket of this process decides.
 */
final class SharedQuota implements Quota {
  private static final int LOTS = 100;

  /** How long a request waits for a draw. */
  static final Duration PATIENCE = Duration.ofMillis(250);

  /** A bucket that was found empty is not asked sooner than this. */
  private static final Duration REST = Duration.ofMillis(10);

  private final String name;
  private final Limit limit;
  private final SharedQuotas shared;
  private final TimeMeter clock;
  private final Runnable unshared;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition drawn = lock.newCondition();
  private @Nullable OwnQuota own;
  private long inHand;
  private long left;
  private long emptyUntil = System.nanoTime();
  private long waiting;
  private long begunDraws;
  private long endedDraws;

  /**
   * Makes a part of the bucket with this name.
   *
   * @param unshared is called for each request that this process decided alone
   */
  SharedQuota(String name, Limit limit, SharedQuotas shared, TimeMeter clock, Runnable unshared) {
    this.name = name;
    this.limit = limit;
    this.shared = shared;
    this.clock = clock;
    this.unshared = unshared;
  }

  String name() {
    return name;
  }

  Limit limit() {
    return limit;
  }

  @Override
  public Taken take() {
    long until = System.nanoTime() + PATIENCE.toNanos();
    lock.lock();
    try {
      do {
        if (inHand > 0) {
          inHand--;
          return new Taken(true, inHand + left, Math.round(limit.nanosPerRequest()));
        }
        long empty = emptyUntil - System.nanoTime();
        if (empty > 0) return new Taken(false, 0, empty);
      } while (isDrawn(until));
      unshared.run();
      if (own == null) own = new OwnQuota(limit, clock);
      return own.take();
    } finally {
      lock.unlock();
    }
  }

  /** Waits for the end of a draw that begins from now on; false when none ends in time. */
  private boolean isDrawn(long until) {
    waiting++;
    long mine = begunDraws + 1;
    boolean isWorthwhile = shared.answers();
    shared.ask(this);
    try {
      while (isWorthwhile && endedDraws < mine) {
        long patience = until - System.nanoTime();
        isWorthwhile = patience > 0 && drawn.awaitNanos(patience) > 0;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      isWorthwhile = false;
    }
    // A draw that has begun brings one for it.
    if (endedDraws < mine && begunDraws < mine) waiting--;
    return isWorthwhile && shared.answers();
  }

  /** Begins a draw, and tells how many requests it should bring: for all who wait, or a lot. */
  long begin() {
    lock.lock();
    try {
      begunDraws++;
      long wanted = Math.max(Math.max(1, waiting), limit.most() / LOTS);
      waiting = 0;
      return wanted;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Ends a draw.
   *
   * @param wanted how many it was to bring
   * @param brought how many it brought
   * @param remaining what the bucket holds now; a part of a request counts
   */
  void end(long wanted, long brought, double remaining) {
    lock.lock();
    try {
      inHand += brought;
      left = (long) remaining;
      if (brought < wanted) {
        long toNext = (long) Math.ceil((1 - remaining) * limit.nanosPerRequest());
        emptyUntil = System.nanoTime() + Math.max(toNext, REST.toNanos());
      }
      endDraw();
    } finally {
      lock.unlock();
    }
  }

  /** Ends a draw that failed. */
  void fail() {
    lock.lock();
    try {
      endDraw();
    } finally {
      lock.unlock();
    }
  }

  private void endDraw() {
    endedDraws = begunDraws;
    drawn.signalAll();
  }

  @Override
  public void giveBack() {
    lock.lock();
    try {
      inHand++;
    } finally {
      lock.unlock();
    }
  }
}
