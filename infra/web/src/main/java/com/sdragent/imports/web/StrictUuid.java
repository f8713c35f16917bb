package com.sdragent.imports.web;

import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Reads UUIDs from outside: 36 characters, any version. {@link UUID#fromString} alone takes
 * 1-1-1-1-1.
 */
public final class StrictUuid {
  private static final Pattern FORM =
      Pattern.compile("[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}");

  private StrictUuid() {}

  /** The UUID that the text gives, or nothing. */
  public static Optional<UUID> parse(String text) {
    return FORM.matcher(text).matches() ? Optional.of(UUID.fromString(text)) : Optional.empty();
  }
}
