package com.sdragent.imports.web;

/** Checks text that the service is to store. */
public final class StrictText {
  private StrictText() {}

  /**
   * Whether the text can be stored: PostgreSQL stores no NUL, and half a surrogate pair is not a
   * character.
   */
  public static boolean isStorable(String text) {
    return text.codePoints()
        .noneMatch(c -> c == 0 || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE));
  }
}
