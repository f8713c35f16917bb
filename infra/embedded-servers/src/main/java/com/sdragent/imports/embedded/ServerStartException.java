package com.sdragent.imports.embedded;

import org.jspecify.annotations.Nullable;

/** A server could not be started. The message is one line for people: the cause and what to do. */
public class ServerStartException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ServerStartException(String message) {
    this(message, null);
  }

  ServerStartException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
