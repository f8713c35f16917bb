package com.sdragent.imports.eventstore;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * Prepares times from outside for comparison with stored ones, which have whole microseconds. The
 * driver would round a finer time either up or down.
 */
public final class Micros {
  private Micros() {}

  /** For {@code <=} and {@code >}: the last microsecond that is not after this time. */
  public static Instant floor(Instant time) {
    return time.truncatedTo(ChronoUnit.MICROS);
  }

  /** For {@code >=} and {@code <}: the first microsecond that is not before this time. */
  public static Instant ceiling(Instant time) {
    Instant floor = floor(time);
    return floor.equals(time) ? floor : floor.plus(1, ChronoUnit.MICROS);
  }
}
