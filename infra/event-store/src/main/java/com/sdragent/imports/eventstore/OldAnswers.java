package com.sdragent.imports.eventstore;

import com.sdragent.imports.loops.Loops;
import com.sdragent.imports.loops.SupervisedLoop;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Removes the answers that were kept for requests which may be sent again: a day's worth at a time,
 * once all of them are older than 24 hours, and some at a time those that no node removed in time.
 * Any number of nodes may do it.
 */
public final class OldAnswers implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(OldAnswers.class);
  private static final Duration BETWEEN_LOOKS = Duration.ofMinutes(10);
  private static final Duration BEFORE_ANOTHER_TRY = Duration.ofMinutes(1);
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /** A backup may read the answers for as long. */
  private static final Duration LONGEST_READ = Duration.ofHours(3);

  private final JdbcTemplate jdbc;
  private final Duration longestRead;
  private final SupervisedLoop loop;
  private volatile long lastDone = System.nanoTime();
  private boolean isTold;

  /** Begins to look, on a node whose database role may append. */
  public OldAnswers(JdbcTemplate jdbc, Loops loops, MeterRegistry metrics) {
    this(jdbc, loops, metrics, LONGEST_READ);
  }

  /**
   * @param longestRead for how long others may read the answers before that is worth a warning
   */
  OldAnswers(JdbcTemplate jdbc, Loops loops, MeterRegistry metrics, Duration longestRead) {
    this.jdbc = jdbc;
    this.longestRead = longestRead;
    Gauge.builder("imports.old.answers.seconds", this, old -> old.sinceDone().toSeconds())
        .description("Seconds since this node last left no old answer to be removed")
        .register(metrics);
    loop = loops.loop("old answers", this::round);
    loop.start();
  }

  private void round() throws InterruptedException {
    loop.rest(empty() ? BETWEEN_LOOKS : BEFORE_ANOTHER_TRY);
  }

  /** Whether nothing is left to be removed for now. */
  synchronized boolean empty() {
    try {
      if (Boolean.TRUE.equals(
          jdbc.queryForObject("select empty_idempotency_keys()", Boolean.class))) {
        done();
        return true;
      }
      if (sinceDone().compareTo(longestRead) >= 0) {
        tell("somebody reads idempotency_key, or it has millions of them", null);
      }
    } catch (DataAccessException e) {
      tell("PostgreSQL does not do it", e);
    }
    return false;
  }

  private Duration sinceDone() {
    return Duration.ofNanos(System.nanoTime() - lastDone);
  }

  private void done() {
    if (isTold) log.info("Old answers are removed again, after {} s", sinceDone().toSeconds());
    isTold = false;
    lastDone = System.nanoTime();
  }

  /** Once, however often it is tried. */
  private void tell(String reason, @Nullable Exception e) {
    if (isTold) return;
    isTold = true;
    log.warn("Old answers are not removed and it is tried again each minute: {}", reason, e);
  }

  @Override
  public void close() {
    loop.stop(PATIENCE);
  }
}
