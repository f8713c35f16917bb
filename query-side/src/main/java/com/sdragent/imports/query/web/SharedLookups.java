package com.sdragent.imports.query.web;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Lets requests that come at the same time share one look at the database. A request never joins a
 * look that was under way when it came, because that might miss an earlier write: it shares the
 * next one. One of the sharing requests takes the look; the others hold no connection, and on
 * virtual threads no platform thread either. Looks follow each other, so that many requests share
 * each; one that takes long holds the next up for a moment only.
 */
public final class SharedLookups<R> {
  private static final int AT_ONCE = 2;

  private final Function<Set<UUID>, R> look;
  private final Duration patience;
  // The semaphores are fair, so that requests look in the order in which they came.
  private final Semaphore turn = new Semaphore(1, true);
  private final Semaphore underWay = new Semaphore(AT_ONCE, true);
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Lookup<R> next;

  /**
   * @param look looks for these
   * @param patience how long a look waits for the one before it to end; at most two are under way
   */
  public SharedLookups(Function<Set<UUID>, R> look, Duration patience) {
    this.look = look;
    this.patience = patience;
  }

  /**
   * The result of a look that began after this call.
   *
   * @param id what the look should cover
   */
  public R look(UUID id) {
    Lookup<R> shared;
    boolean first;
    lock.lock();
    try {
      first = next == null;
      if (next == null) next = new Lookup<>();
      shared = next;
      shared.ids.add(id);
    } finally {
      lock.unlock();
    }
    if (first) take(shared);
    try {
      return shared.found.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException failure) throw failure;
      throw e;
    }
  }

  @SuppressWarnings("ThreadPriorityCheck") // nothing but the size of a look depends on it
  private void take(Lookup<R> lookup) {
    boolean hasTurn = awaitTurn();
    underWay.acquireUninterruptibly();
    try {
      // Requests that are about to ask and only want for a processor come along.
      Thread.yield();
      lock.lock();
      try {
        next = null;
      } finally {
        lock.unlock();
      }
      lookup.found.complete(look.apply(lookup.ids));
    } catch (RuntimeException | Error e) {
      lookup.found.completeExceptionally(e);
    } finally {
      underWay.release();
      if (hasTurn) turn.release();
    }
  }

  private boolean awaitTurn() {
    try {
      return turn.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static final class Lookup<R> {
    final Set<UUID> ids = new HashSet<>();
    final CompletableFuture<R> found = new CompletableFuture<>();
  }
}
