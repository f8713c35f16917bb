package com.sdragent.imports.eventstore.sessions;

/** What PostgreSQL is like keeps a node from starting; the message names the way out. */
public class CannotStartException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /** Names the way out. */
  protected CannotStartException(String message) {
    super(message);
  }
}
