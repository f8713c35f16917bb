package com.sdragent.imports.tool.terminal;

import java.util.regex.Pattern;

/** Text that others chose, made fit for a terminal. */
public final class Printable {
  /** Control characters, line separators, and characters that change the direction of writing. */
  private static final Pattern CONTROL =
      Pattern.compile("[\\p{Cc}\\p{Zl}\\p{Zp}\\u202A-\\u202E\\u2066-\\u2069]");

  private Printable() {}

  /**
   * Returns text from outside in a form that cannot control the terminal or pass for another line.
   */
  public static String printable(String text) {
    return CONTROL.matcher(text).replaceAll("\uFFFD");
  }
}
