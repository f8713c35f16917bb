package com.sdragent.imports.web;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An outage of something that requests need. It is logged once when it begins, with the request
 * that met it first, and once when it is over.
 */
public final class Outage {
  private static final Logger log = LoggerFactory.getLogger(Outage.class);

  private final AtomicReference<@Nullable Begun> begun = new AtomicReference<>();

  private record Begun(String problem, long nanos, AtomicLong refused) {}

  /**
   * Notes that a request was refused because of the outage.
   *
   * @return whether it is the first
   */
  public boolean noticed(String problem) {
    Begun now = begun.get();
    if (now == null) {
      var first = new Begun(problem, System.nanoTime(), new AtomicLong(1));
      now = begun.compareAndExchange(null, first);
      if (now == null) {
        log.warn("{}: requests that need it get 503 from now on", problem);
        return true;
      }
    }
    now.refused().incrementAndGet();
    return false;
  }

  /** Whether the outage is known, so that a request that is refused now is no news. */
  public boolean isKnown() {
    return begun.get() != null;
  }

  /** Ends the outage. */
  public void isOver() {
    if (begun.get() == null) return;
    Begun ended = begun.getAndSet(null);
    if (ended == null) return;
    log.warn(
        "Over after {} s: {}; {} requests got 503",
        Duration.ofNanos(System.nanoTime() - ended.nanos()).toSeconds(),
        ended.problem(),
        ended.refused().get());
  }
}
