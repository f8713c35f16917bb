package com.sdragent.imports.tool.service;

import com.sdragent.imports.tool.terminal.CannotLookException;
import org.jspecify.annotations.Nullable;

/** The service does not answer now, but may when it is asked again. */
final class ServiceUnavailableException extends CannotLookException {
  private static final long serialVersionUID = 1L;

  ServiceUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
