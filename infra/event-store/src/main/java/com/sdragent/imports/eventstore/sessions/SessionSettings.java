package com.sdragent.imports.eventstore.sessions;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The settings that the service's statements rely on. A database and a role may have other
 * defaults, so every session sets them for itself, right after it is opened.
 */
public final class SessionSettings {
  /** Each setting can change what a statement means, what it answers or whether it is an error. */
  private static final List<String> RELIED_ON =
      List.of(
          // Names refer to the service's own schema, and no temporary table hides one.
          "search_path = public, pg_temp",
          // These concern literals, and what a driver puts between them.
          "standard_conforming_strings = on",
          "array_nulls = on",
          "transform_null_equals = off",
          "datestyle = 'ISO, YMD'",
          "intervalstyle = 'postgres'",
          "timezone = 'UTC'",
          "bytea_output = 'hex'",
          // A statement sees what is committed before it; a transaction that needs more says so.
          "default_transaction_isolation = 'read committed'",
          "default_transaction_read_only = off",
          "default_transaction_deferrable = off",
          // Whatever has been answered is durable.
          "synchronous_commit = on",
          // A session ends when the service ends it.
          "exit_on_error = off",
          "lock_timeout = 0",
          "idle_in_transaction_session_timeout = 0",
          "idle_session_timeout = 0",
          // A node whose machine or network vanished says nothing, and takes nothing: what its
          // sessions hold is free after some ten seconds.
          "tcp_keepalives_idle = 5",
          "tcp_keepalives_interval = 2",
          "tcp_keepalives_count = 3",
          "tcp_user_timeout = 10000");

  private SessionSettings() {}

  /**
   * The SQL that sets all of them, in several statements.
   *
   * @param statementTimeout how long one statement may take; zero for no bound
   */
  public static String sql(Duration statementTimeout) {
    var statements = new ArrayList<String>();
    // This comes first: a role may have a timeout that is too short for the other statements.
    statements.add("set statement_timeout = " + statementTimeout.toMillis());
    for (String setting : RELIED_ON) statements.add("set " + setting);
    // The setting exists in PostgreSQL 17 and later.
    statements.add(
        "select set_config('transaction_timeout', '0', false)"
            + " where current_setting('transaction_timeout', true) is not null");
    return String.join("; ", statements);
  }
}
