package com.sdragent.imports.eventstore.append;

import org.axonframework.common.AxonNonTransientException;

/**
 * The database's answer was lost and could not be found out in time. The events are stored once, or
 * not at all.
 */
public class AppendOutcomeUnknownException extends AxonNonTransientException {
  private static final long serialVersionUID = 1L;

  AppendOutcomeUnknownException(String message) {
    super(message);
  }
}
