package com.sdragent.imports.query.projection;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;

/**
 * Counts the reads of a projection by whether they had to wait for it, and times those that did.
 */
final class ReadTimes {
  private final Counter current;
  private final Counter waited;
  private final Counter late;
  private final Timer wait;

  ReadTimes(String projection, MeterRegistry metrics) {
    current = counter(projection, "current", metrics);
    waited = counter(projection, "waited", metrics);
    late = counter(projection, "late", metrics);
    wait =
        Timer.builder("imports.reads.wait")
            .description("Time that reads waited for a projection, of those that did")
            .tag("projection", projection)
            .register(metrics);
  }

  private static Counter counter(String projection, String outcome, MeterRegistry metrics) {
    return Counter.builder("imports.reads")
        .description("Reads of a projection, by whether it showed all that was written before")
        .tag("projection", projection)
        .tag("outcome", outcome)
        .register(metrics);
  }

  /** Notes a read that the first look decided. */
  void atOnce(boolean isCurrent) {
    (isCurrent ? current : late).increment();
  }

  /**
   * Notes a read that has waited.
   *
   * @param begun when it began, as {@link System#nanoTime()} counts
   */
  void afterWaiting(boolean isCurrent, long begun) {
    (isCurrent ? waited : late).increment();
    wait.record(System.nanoTime() - begun, TimeUnit.NANOSECONDS);
  }
}
