package com.sdragent.imports.eventstore.sessions;

/** The way PostgreSQL is set up keeps a node from starting; the message names the way out. */
public class CannotStartException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /** Makes one whose message names the way out. */
  protected CannotStartException(String message) {
    super(message);
  }
}
