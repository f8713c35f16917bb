package com.sdragent.imports.access.admin;

import com.sdragent.imports.access.Caller;
import com.sdragent.imports.access.trail.Action;
import com.sdragent.imports.access.trail.TrailOutcome;
import com.sdragent.imports.access.trail.TrailTable;
import com.sdragent.imports.web.ApiError;
import com.sdragent.imports.web.RequestId;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.TransactionException;

/** Notes who does what, before it is done, and how it ended. */
public final class Trail {
  private static final Logger log = LoggerFactory.getLogger(Trail.class);

  private final JdbcTemplate jdbc;

  Trail(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * Does the work, and notes it. What cannot be noted is not begun.
   *
   * @param target what it is done to, such as a key's id
   * @throws DataAccessException when it cannot be noted
   * @throws ApiError 504, when it is not known whether the work was done: what broke may have
   *     broken between PostgreSQL's commit and its answer
   */
  public <T> T note(
      Action action, String target, Caller caller, HttpServletRequest request, Supplier<T> work) {
    var actor =
        new TrailTable.Actor(
            caller.organization(),
            caller.actor(),
            caller.kind().label(),
            caller.keyId(),
            RequestId.of(request));
    long entry =
        Objects.requireNonNull(
            jdbc.execute(
                (ConnectionCallback<Long>)
                    connection -> TrailTable.begin(connection, actor, action, target)));
    try {
      T done = work.get();
      end(entry, TrailOutcome.DONE, null);
      return done;
    } catch (ApiError e) {
      end(entry, outcome(e), e.getMessage());
      throw e;
    } catch (CannotGetJdbcConnectionException | CannotCreateTransactionException e) {
      // Nothing was asked of PostgreSQL yet.
      end(entry, TrailOutcome.FAILED, null);
      throw e;
    } catch (DataAccessResourceFailureException
        | TransientDataAccessException
        | RecoverableDataAccessException
        | TransactionException e) {
      log.warn("Whether {} of {} was done is not known: {}", action.label(), target, e.toString());
      end(entry, TrailOutcome.UNKNOWN, null);
      throw ApiError.outcomeUnknown();
    } catch (RuntimeException | Error e) {
      end(entry, TrailOutcome.UNKNOWN, null);
      throw e;
    }
  }

  private static TrailOutcome outcome(ApiError error) {
    if (error.status() < 500) return TrailOutcome.REFUSED;
    return error.status() == 503 ? TrailOutcome.FAILED : TrailOutcome.UNKNOWN;
  }

  private void end(long entry, TrailOutcome outcome, @Nullable String reason) {
    try {
      jdbc.execute(
          (ConnectionCallback<@Nullable Void>)
              connection -> {
                TrailTable.end(connection, entry, outcome, reason);
                return null;
              });
    } catch (DataAccessException e) {
      log.warn("The outcome of the audit trail's entry {} could not be noted: {}", entry, outcome);
    }
  }
}
