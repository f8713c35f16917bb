package com.sdragent.imports.tool.service;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The service does not answer now, but may when it is asked again. */
final class ServiceUnavailableException extends IOException {
  private static final long serialVersionUID = 1L;

  ServiceUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
