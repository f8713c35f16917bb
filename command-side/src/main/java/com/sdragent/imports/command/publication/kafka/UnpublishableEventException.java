package com.sdragent.imports.command.publication.kafka;

/**
 * One event cannot be published by any node: it is parked, and others go on. The message is a
 * sentence for operators.
 */
public final class UnpublishableEventException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Makes one with a sentence for operators. */
  public UnpublishableEventException(String message) {
    // There is no stack trace, because the fault is in the event and not in the code.
    super(message, null, false, false);
  }
}
