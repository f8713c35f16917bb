package com.sdragent.imports.eventstore.append;

import org.axonframework.common.AxonTransientException;

/**
 * The store could not take the events now. Nothing was stored; the same command may be sent again.
 */
public class EventStoreUnavailableException extends AxonTransientException {
  private static final long serialVersionUID = 1L;

  /** Says why. */
  public EventStoreUnavailableException(String message) {
    super(message);
  }

  /** Says why. */
  public EventStoreUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
