package com.sdragent.imports.query.projection.rebuild;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Transactions whose statements may take any length of time: the limits of the pool and of the
 * database are made for requests. Each statement sees what was committed before it, whatever the
 * database's default is.
 */
final class LongTransactions {
  private static final Logger log = LoggerFactory.getLogger(LongTransactions.class);
  private static final Duration LOOK_EVERY = Duration.ofSeconds(10);

  /** This many looks in a row without an answer mean that PostgreSQL is gone. */
  private static final int UNANSWERED = 3;

  private static final String SESSION =
      "select pid, extract(epoch from backend_start) from pg_stat_activity"
          + " where pid = pg_backend_pid()";

  private static final String SETTINGS =
      """
      set transaction isolation level read committed, read write;
      set local synchronous_commit = off;
      set local statement_timeout = 0;
      set local lock_timeout = '500ms';
      set local idle_in_transaction_session_timeout = '10s';
      do $$ begin
        -- Of PostgreSQL 17 and later.
        if current_setting('transaction_timeout', true) is not null then
          set local transaction_timeout = 0;
        end if;
      end $$;
      do $$ begin
        -- A node that dies must not leave the work behind it; not every system can tell.
        set local client_connection_check_interval = '1s';
      exception when others then null;
      end $$
      """;

  private final JdbcTemplate jdbc;
  private final TransactionTemplate transaction;
  private final Duration lookEvery;

  LongTransactions(JdbcTemplate jdbc, TransactionTemplate transaction) {
    this(jdbc, transaction, LOOK_EVERY);
  }

  /**
   * @param lookEvery the interval between checks that the session still exists
   */
  LongTransactions(JdbcTemplate jdbc, TransactionTemplate transaction, Duration lookEvery) {
    this.jdbc = jdbc;
    this.transaction = transaction;
    this.lookEvery = lookEvery;
  }

  /** Does the work in a transaction, which a failure or the work itself rolls back. */
  <T> T run(Function<TransactionStatus, T> work) {
    T result =
        transaction.<T>execute(
            status -> {
              try (var _ = watch()) {
                jdbc.execute(SETTINGS);
                return work.apply(status);
              }
            });
    return Objects.requireNonNull(result);
  }

  /** Watches the transaction's connection, which has no time limit from now on. */
  private Watch watch() {
    return Objects.requireNonNull(
        jdbc.execute(
            (ConnectionCallback<Watch>)
                connection -> {
                  // The pool sets its own again when it gets the connection back.
                  connection.setNetworkTimeout(Runnable::run, 0);
                  try (Statement statement = connection.createStatement();
                      ResultSet session = statement.executeQuery(SESSION)) {
                    session.next();
                    return new Watch(connection, session.getInt(1), session.getBigDecimal(2));
                  }
                }));
  }

  /**
   * Checks on other connections that a session exists, and gives its connection up when it does
   * not. Otherwise, the wait for a server that vanished silently would last until the kernel
   * notices, by default two hours later.
   */
  private final class Watch implements AutoCloseable {
    private final Connection connection;
    private final int pid;
    private final BigDecimal since;
    private final CountDownLatch ended = new CountDownLatch(1);

    Watch(Connection connection, int pid, BigDecimal since) {
      this.connection = connection;
      this.pid = pid;
      this.since = since;
      Thread.ofVirtual().name("rebuild's session").start(this::look);
    }

    private void look() {
      int unanswered = 0;
      try {
        while (!ended.await(lookEvery.toMillis(), TimeUnit.MILLISECONDS)) {
          Boolean exists = exists();
          unanswered = exists == null ? unanswered + 1 : 0;
          if (ended.getCount() == 0) return;
          if (Boolean.FALSE.equals(exists) || unanswered == UNANSWERED) {
            log.warn("The session of a step of a rebuild is gone: the step is repeated");
            connection.abort(Runnable::run);
            return;
          }
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (SQLException e) {
        log.warn("A connection could not be given up: {}", e.getMessage());
      }
    }

    /** Null when PostgreSQL does not say. */
    private @Nullable Boolean exists() {
      try {
        return jdbc.queryForObject(
            "select exists (select from pg_stat_activity"
                + " where pid = ? and extract(epoch from backend_start) = ?)",
            Boolean.class,
            pid,
            since);
      } catch (DataAccessException e) {
        return null;
      }
    }

    @Override
    public void close() {
      ended.countDown();
    }
  }
}
