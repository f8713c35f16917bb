package com.sdragent.imports.query.web;

import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Lets requests that come at the same time share one look at the database. A request never joins a
 * look that was under way when it came, because that might miss an earlier write: it shares the
 * next one. One of the sharing requests takes the look; the others hold no connection, and on
 * virtual threads no platform thread either.
 */
public final class SharedLookups<R> {
  private final Function<Set<UUID>, R> look;
  private final Semaphore underWay;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Lookup<R> next;

  /**
   * @param look looks for these
   * @param atOnce how many looks may be under way at the same time
   */
  public SharedLookups(Function<Set<UUID>, R> look, int atOnce) {
    this.look = look;
    // The semaphore is fair, so that requests look in the order in which they came.
    underWay = new Semaphore(atOnce, true);
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

  private void take(Lookup<R> lookup) {
    underWay.acquireUninterruptibly();
    try {
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
    }
  }

  private static final class Lookup<R> {
    final Set<UUID> ids = new HashSet<>();
    final CompletableFuture<R> found = new CompletableFuture<>();
  }
}
