package com.sdragent.imports.eventstore.sessions;

/** PostgreSQL is reached through a pooler that lends each session for one transaction at a time. */
public final class SharedSessionsException extends CannotStartException {
  private static final long serialVersionUID = 1L;

  SharedSessionsException() {
    super(
        "spring.datasource.url leads to a pooler that shares PostgreSQL's sessions, such as"
            + " PgBouncer with pool_mode=transaction: the service needs sessions of its own, for"
            + " its settings and for notifications. Connect to PostgreSQL itself (the service has a"
            + " pool), or set pool_mode=session");
  }
}
