package com.sdragent.imports.loops;

import java.time.Duration;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;

/**
 * A look at the database that several gauges share. Those that are read together cause one look.
 * While the database does not answer they are NaN, and reading all of them waits for it once, so
 * that metrics can be read during an outage.
 */
public final class GaugedLook<T> {
  private static final Duration GOOD_FOR = Duration.ofMillis(100);
  private static final Duration TRY_AGAIN = Duration.ofSeconds(2);

  private final Supplier<T> look;
  private @Nullable T seen;
  private long until = System.nanoTime();

  /**
   * @param look takes the look; it may throw a {@link DataAccessException}
   */
  public GaugedLook(Supplier<T> look) {
    this.look = look;
  }

  /** A part of what was seen, or NaN. */
  public synchronized double value(ToDoubleFunction<T> part) {
    if (System.nanoTime() - until >= 0) lookAgain();
    return seen == null ? Double.NaN : part.applyAsDouble(seen);
  }

  private void lookAgain() {
    Duration wait = GOOD_FOR;
    try {
      seen = look.get();
    } catch (DataAccessException e) {
      seen = null;
      wait = TRY_AGAIN;
    }
    until = System.nanoTime() + wait.toNanos();
  }
}
