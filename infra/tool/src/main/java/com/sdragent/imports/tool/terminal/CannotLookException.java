package com.sdragent.imports.tool.terminal;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What was asked for cannot be looked at or done; the message names what to do about it. */
public class CannotLookException extends IOException {
  private static final long serialVersionUID = 1L;

  /** With a message for people. */
  public CannotLookException(String message) {
    this(message, null);
  }

  /** With a message for people, and what it is because of. */
  public CannotLookException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
