package com.sdragent.imports.eventstore;

/** What PostgreSQL is like keeps a node from starting; the message names the way out. */
class CannotStartException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  CannotStartException(String message) {
    super(message);
  }
}
