package com.sdragent.imports.eventstore.append;

import org.axonframework.common.AxonNonTransientException;

/** The key is that of another request, which was answered. Nothing was stored. */
public class OtherRequestException extends AxonNonTransientException {
  private static final long serialVersionUID = 1L;

  OtherRequestException() {
    super("The key is that of another request");
  }
}
