package com.sdragent.imports.query.web;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets requests for the same thing that come at the same time share one answer. A request never
 * joins an answer that was being made when it came, because that might miss an earlier write: it
 * shares the next one. Answers to the same question follow each other; one that takes long holds
 * the next up for a moment only. Requests for different things know nothing of each other.
 *
 * @param <K> what is asked for, with all that the answer depends on
 * @param <A> the answer, which nobody may change
 */
public final class SharedAnswers<K, A> {
  private final Duration patience;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<K, Answers<A>> asked = new HashMap<>();

  /**
   * Shares nothing yet.
   *
   * @param patience how long the making of an answer waits for the one before it to end
   */
  public SharedAnswers(Duration patience) {
    this.patience = patience;
  }

  /** The answer that was begun last, and the one that those who came since then wait for. */
  private static final class Answers<A> {
    @Nullable CompletableFuture<A> begun;
    @Nullable CompletableFuture<A> next;
  }

  /**
   * An answer whose making began after this call.
   *
   * @param make makes it, for this request and for those that share it
   */
  public A answer(K key, Supplier<A> make) {
    CompletableFuture<A> shared;
    CompletableFuture<A> before = null;
    boolean first = false;
    lock.lock();
    try {
      Answers<A> answers = asked.computeIfAbsent(key, _ -> new Answers<>());
      if (answers.next == null) {
        answers.next = new CompletableFuture<>();
        before = answers.begun;
        first = true;
      }
      shared = answers.next;
    } finally {
      lock.unlock();
    }
    if (first) make(key, make, before, shared);
    try {
      return shared.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException failure) throw failure;
      throw e;
    }
  }

  private void make(
      K key, Supplier<A> make, @Nullable CompletableFuture<A> before, CompletableFuture<A> shared) {
    try {
      if (before != null) awaitEnd(before);
      begin(key, shared);
      shared.complete(make.get());
    } catch (RuntimeException | Error e) {
      begin(key, shared);
      shared.completeExceptionally(e);
    } finally {
      end(key, shared);
    }
  }

  private void awaitEnd(CompletableFuture<A> before) {
    try {
      before.get(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException | TimeoutException e) {
      // Its failure is told to those who asked for it.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** From here on, whoever comes waits for an answer after this one. */
  @SuppressWarnings("ReferenceEquality") // it is this one or another
  private void begin(K key, CompletableFuture<A> shared) {
    lock.lock();
    try {
      Answers<A> answers = asked.get(key);
      if (answers == null || answers.next != shared) return;
      answers.begun = shared;
      answers.next = null;
    } finally {
      lock.unlock();
    }
  }

  @SuppressWarnings("ReferenceEquality") // it is this one or another
  private void end(K key, CompletableFuture<A> shared) {
    lock.lock();
    try {
      asked.computeIfPresent(
          key, (_, answers) -> answers.begun == shared && answers.next == null ? null : answers);
    } finally {
      lock.unlock();
    }
  }
}
