package com.sdragent.imports.command.publication.kafka;

/**
 * One event cannot be published, whoever tries: it is set aside, and others go on. The message is a
 * sentence for operators.
 */
public final class UnpublishableEventException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With a sentence for operators. */
  public UnpublishableEventException(String message) {
    // No stack trace: it is what an event is like, not a fault of the code.
    super(message, null, false, false);
  }
}
