package com.sdragent.imports.web;

import java.beans.PropertyEditorSupport;
import java.util.Optional;
import java.util.UUID;

/**
 * Reads UUIDs from outside: 36 characters, any version. {@link UUID#fromString} alone takes
 * 1-1-1-1-1.
 */
public final class StrictUuid {
  private static final int LENGTH = 36;

  private StrictUuid() {}

  /** The UUID that the text gives, or nothing. */
  public static Optional<UUID> parse(String text) {
    return hasForm(text) ? Optional.of(UUID.fromString(text)) : Optional.empty();
  }

  private static boolean hasForm(String text) {
    if (text.length() != LENGTH) return false;
    for (int i = 0; i < LENGTH; i++) {
      boolean isHyphen = i == 8 || i == 13 || i == 18 || i == 23;
      if (isHyphen ? text.charAt(i) != '-' : !isHexDigit(text.charAt(i))) return false;
    }
    return true;
  }

  private static boolean isHexDigit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  }

  /** Reads UUIDs for Spring, which alone would fall back to {@link UUID#fromString}. */
  static final class Editor extends PropertyEditorSupport {
    @Override
    public void setAsText(String text) {
      setValue(parse(text).orElseThrow(IllegalArgumentException::new));
    }
  }
}
