package com.sdragent.imports.query.view;

import com.sdragent.imports.access.ApiError;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Turns of those who read much. However many they are, they leave the other connections to those
 * who want little. Each turn is one bounded look at the database; who waits holds no connection.
 * Whose answer has no end of its own is let in first: it keeps some of it in memory as long as its
 * client takes.
 */
public final class ReadingTurns {
  private static final int AT_ONCE = 4;

  private final Semaphore turns = new Semaphore(AT_ONCE, true);
  private final Duration longestWait;
  private final Semaphore seats;

  /**
   * @param longestWait how long somebody waits for a turn
   * @param seats how many may be in at the same time
   */
  ReadingTurns(Duration longestWait, int seats) {
    this.longestWait = longestWait;
    this.seats = new Semaphore(seats);
  }

  /** Being in, until it is closed. */
  public interface Seat extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Lets somebody in.
   *
   * @throws ApiError 503, when there are as many as there may be
   */
  public Seat enter() {
    if (!seats.tryAcquire()) throw tooMany();
    return seats::release;
  }

  /**
   * What this look finds, when it is its turn.
   *
   * @throws ApiError 503, when that does not come in time
   */
  public <T> T take(Supplier<T> look) {
    try {
      if (!turns.tryAcquire(longestWait.toMillis(), TimeUnit.MILLISECONDS)) throw tooMany();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw tooMany();
    }
    try {
      return look.get();
    } finally {
      turns.release();
    }
  }

  private static ApiError tooMany() {
    return ApiError.unavailable("Too many long answers are under way, try again");
  }
}
