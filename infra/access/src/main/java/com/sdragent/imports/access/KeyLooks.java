package com.sdragent.imports.access;

import io.micrometer.core.instrument.Timer;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.springframework.dao.DataAccessException;

/**
 * Looks up keys with one look at a time, for all requests that came while the look before was under
 * way. So however many come, they take one connection, and each waits for at most two looks, as
 * long as fewer than a thousand come meanwhile.
 */
final class KeyLooks {
  private static final int MOST_AT_ONCE = 1000;

  private final Look look;
  private final ReentrantLock turn = new ReentrantLock(true);
  private Batch gathering = new Batch();

  /**
   * @param times takes the time of each look
   */
  KeyLooks(Look look, Timer times) {
    this.look = ids -> timed(times, look, ids);
  }

  private static Map<String, StoredKey> timed(Timer times, Look look, Set<String> ids) {
    long begun = System.nanoTime();
    try {
      return look.at(ids);
    } finally {
      times.record(System.nanoTime() - begun, TimeUnit.NANOSECONDS);
    }
  }

  /** One look at the database. */
  @FunctionalInterface
  interface Look {
    /** Those keys that there are, by their ids. */
    Map<String, StoredKey> at(Set<String> ids);
  }

  /** The requests that share a look. */
  private static final class Batch {
    final Set<String> ids = new HashSet<>();
    final CompletableFuture<Map<String, StoredKey>> found = new CompletableFuture<>();
  }

  /**
   * The key with this id.
   *
   * @throws DataAccessException when the database does not answer
   */
  Optional<StoredKey> find(String id) {
    Batch batch;
    boolean isFirst;
    synchronized (this) {
      if (gathering.ids.size() == MOST_AT_ONCE) gathering = new Batch();
      batch = gathering;
      isFirst = batch.ids.isEmpty();
      batch.ids.add(id);
    }
    if (isFirst) lookFor(batch);
    try {
      return Optional.ofNullable(batch.found.join().get(id));
    } catch (CompletionException e) {
      if (e.getCause() instanceof DataAccessException away) throw away;
      throw e;
    }
  }

  private void lookFor(Batch batch) {
    turn.lock();
    try {
      synchronized (this) {
        if (gathering == batch) gathering = new Batch();
      }
      batch.found.complete(look.at(batch.ids));
    } catch (RuntimeException | Error e) {
      batch.found.completeExceptionally(e);
    } finally {
      turn.unlock();
    }
  }
}
