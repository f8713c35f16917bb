package com.sdragent.imports.eventstore;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * Times from outside for comparing with stored ones, which have whole microseconds. The driver
 * would round what is finer, to either side.
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
