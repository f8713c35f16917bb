package com.sdragent.imports.web;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.CannotCreateTransactionException;

/**
 * Logs the requests that failed because of the service, with the details that only operators may
 * see. An outage of the database is logged once; refusals because of a limit are logged once a
 * second, so that a client that reaches the limit does not fill the log.
 */
public final class Failures implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Failures.class);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(500);
  private static final int UNAVAILABLE = 503;

  private final List<JdbcTemplate> pools;
  private final Outage database = new Outage();
  private final Cache<Object, Boolean> told =
      Caffeine.newBuilder().maximumSize(100).expireAfterWrite(Duration.ofSeconds(1)).build();
  private volatile boolean isClosed;
  private volatile @Nullable Thread watch;

  /**
   * @param pools all that requests need: an outage of one is over when all answer
   */
  public Failures(List<JdbcTemplate> pools) {
    this.pools = pools;
  }

  /** Notes that a request is answered with this error, perhaps because of this cause. */
  public void answered(ApiError error, @Nullable Throwable cause) {
    if (error.status() < 500) return;
    if (error.status() == UNAVAILABLE) {
      if (cause instanceof DataAccessException || comesFromTheDatabase(cause)) {
        databaseIsAway();
      } else if (database.isKnown()) {
        database.noticed(error.detail());
      } else if (told.asMap().putIfAbsent(error.detail(), true) == null) {
        log.warn("A request was answered 503: {}", error.detail());
      }
    } else if (cause == null || cause instanceof ApiError) {
      log.warn("A request was answered {}: {}", error.status(), error.detail());
    } else if (told.asMap().putIfAbsent(cause, true) == null) {
      // Many may wait for the same look, and fail with it.
      log.error("A request failed unexpectedly", cause);
    }
  }

  /** Notes that an answer which has begun is cut off because of this. */
  public void cutOff(Exception cause) {
    answered(ErrorAdvice.error(cause), cause instanceof ApiError ? cause.getCause() : cause);
  }

  private static boolean comesFromTheDatabase(@Nullable Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException || cause instanceof CannotCreateTransactionException) {
        return true;
      }
    }
    return false;
  }

  private void databaseIsAway() {
    if (!database.noticed("PostgreSQL does not answer")) return;
    Thread looking = Thread.ofVirtual().name("outage").unstarted(this::awaitTheDatabase);
    watch = looking;
    looking.start();
  }

  /** Looks until the outage is over: without an outage, nobody looks. */
  private void awaitTheDatabase() {
    while (!isClosed) {
      try {
        Thread.sleep(LOOK_AGAIN);
        for (JdbcTemplate pool : pools) pool.queryForObject("select 1", Integer.class);
        database.isOver();
        return;
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException | Error e) {
        // The database is still away, or this node cannot look just now. Giving up here would end
        // all later reports.
      }
    }
  }

  @Override
  public void close() {
    isClosed = true;
    Thread looking = watch;
    if (looking != null) looking.interrupt();
  }
}
