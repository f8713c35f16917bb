package com.sdragent.imports.web;

/** Text that the service can keep. */
public final class StrictText {
  private StrictText() {}

  /** PostgreSQL stores no NUL, and half a surrogate pair is no character. */
  public static boolean isStorable(String text) {
    return text.codePoints()
        .noneMatch(c -> c == 0 || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE));
  }
}
