package com.sdragent.imports.eventstore;

import org.axonframework.common.AxonTransientException;

/**
 * The store could not take the events now. Nothing was stored; the same command may be sent again.
 */
public class EventStoreUnavailableException extends AxonTransientException {
  private static final long serialVersionUID = 1L;

  EventStoreUnavailableException(String message) {
    super(message);
  }

  EventStoreUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
