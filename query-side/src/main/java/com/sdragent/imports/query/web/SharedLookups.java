package com.sdragent.imports.query.web;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Lets requests that come at the same time share one look at the database. A request never joins a
 * look that was under way when it came, because that might miss an earlier write: it shares the
 * next one. One of the sharing requests takes the look; the others hold no connection, and on
 * virtual threads no platform thread either. Looks follow each other, and each waits a moment for
 * as many requests as lately came together, so that many share it; a request that is alone never
 * waits. A look that takes long holds the next up for a moment only.
 *
 * @param <K> what is looked for
 * @param <R> what a look finds
 */
public final class SharedLookups<K, R> {
  private static final int AT_ONCE = 2;

  /** With each look, this part of what was usual before is forgotten. */
  private static final int FORGOTTEN = 8;

  private final Function<Set<K>, R> look;
  private final Duration patience;
  private final Duration gatherTime;
  // It is fair, so that requests look in the order in which they came.
  private final Semaphore underWay = new Semaphore(AT_ONCE, true);
  private final ReentrantLock lock = new ReentrantLock();
  private volatile @Nullable Lookup<K, R> next;

  /** The one that began last. */
  private @Nullable Lookup<K, R> begun;

  /** How many requests have lately shared a look: so many are likely to come together again. */
  private volatile int usual;

  /** Looks that do not wait for others to come. */
  public SharedLookups(Function<Set<K>, R> look, Duration patience) {
    this(look, patience, Duration.ZERO);
  }

  /**
   * @param look looks for these
   * @param patience how long a look waits for the one before it to end; at most two are under way
   * @param gatherTime how long a look waits at most for as many requests as lately came together
   */
  public SharedLookups(Function<Set<K>, R> look, Duration patience, Duration gatherTime) {
    this.look = look;
    this.patience = patience;
    this.gatherTime = gatherTime;
  }

  /**
   * The result of a look that began after this call.
   *
   * @param wanted what the look should cover
   */
  public R look(K wanted) {
    Lookup<K, R> shared;
    Lookup<K, R> before;
    boolean first;
    lock.lock();
    try {
      first = next == null;
      if (next == null) next = new Lookup<>();
      shared = next;
      before = begun;
      shared.wanted.add(wanted);
      shared.requests.incrementAndGet();
    } finally {
      lock.unlock();
    }
    if (first) take(shared, before);
    else if (shared.requests.get() >= usual) LockSupport.unpark(shared.gatherer);
    try {
      return shared.found.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException failure) throw failure;
      throw e;
    }
  }

  /** How many requests wait for a look that has not begun. */
  int waiting() {
    Lookup<K, R> lookup = next;
    return lookup == null ? 0 : lookup.requests.get();
  }

  private void take(Lookup<K, R> lookup, @Nullable Lookup<K, R> before) {
    try {
      if (before != null) {
        awaitEnd(before);
        gather(lookup);
      }
      underWay.acquireUninterruptibly();
      try {
        begin(lookup);
        lookup.found.complete(look.apply(lookup.wanted));
      } finally {
        underWay.release();
      }
    } catch (RuntimeException | Error e) {
      begin(lookup);
      lookup.found.completeExceptionally(e);
    }
  }

  /** From here on, whoever comes waits for a look after this one. */
  @SuppressWarnings("ReferenceEquality") // it is this one or another
  private void begin(Lookup<K, R> lookup) {
    lock.lock();
    try {
      if (next != lookup) return;
      begun = lookup;
      next = null;
      usual = Math.max(lookup.requests.get(), usual - Math.ceilDiv(usual, FORGOTTEN));
    } finally {
      lock.unlock();
    }
  }

  private void awaitEnd(Lookup<K, R> before) {
    try {
      before.found.get(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException | TimeoutException e) {
      // Its failure is told to those who asked for it.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void gather(Lookup<K, R> lookup) {
    if (lookup.requests.get() >= usual) return;
    lookup.gatherer = Thread.currentThread();
    long end = System.nanoTime() + gatherTime.toNanos();
    for (long left = gatherTime.toNanos(); left > 0 && lookup.requests.get() < usual; ) {
      LockSupport.parkNanos(left);
      left = end - System.nanoTime();
    }
    lookup.gatherer = null;
  }

  private static final class Lookup<K, R> {
    /** The thread that waits for more requests to share the look, if it does. */
    volatile @Nullable Thread gatherer;

    /** How many share it. */
    final AtomicInteger requests = new AtomicInteger();

    final Set<K> wanted = new HashSet<>();
    final CompletableFuture<R> found = new CompletableFuture<>();
  }
}
