package com.sdragent.imports.query.projection.rebuild;

import java.time.Duration;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Transactions whose statements take as long as they take: the limits of the pool and of the
 * database are made for requests. Each statement sees what was committed before it, whatever the
 * database's default is.
 */
final class LongTransactions {
  /** Many times what an index of the largest table takes; a dead connection is noticed before. */
  private static final Duration STATEMENT_WITHIN = Duration.ofHours(2);

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

  LongTransactions(JdbcTemplate jdbc, TransactionTemplate transaction) {
    this.jdbc = jdbc;
    this.transaction = transaction;
  }

  /** Does the work in a transaction, which a failure rolls back, or the work itself. */
  <T> T run(Function<TransactionStatus, T> work) {
    T result =
        transaction.<T>execute(
            status -> {
              jdbc.execute(
                  (ConnectionCallback<@Nullable Void>)
                      connection -> {
                        // The pool sets its own again when it gets the connection back.
                        connection.setNetworkTimeout(
                            Runnable::run, (int) STATEMENT_WITHIN.toMillis());
                        return null;
                      });
              jdbc.execute(SETTINGS);
              return work.apply(status);
            });
    return Objects.requireNonNull(result);
  }
}
