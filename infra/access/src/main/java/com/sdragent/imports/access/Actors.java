package com.sdragent.imports.access;

/** Names of callers and keys reach the store and the logs, so they must be plain text. */
public final class Actors {
  private static final int LONGEST = 255;

  private Actors() {}

  /** Whether this is 1 to 255 characters, all of which can be printed, and not blank. */
  public static boolean isPrintable(String name) {
    return !name.isBlank()
        && name.length() <= LONGEST
        && name.codePoints()
            .noneMatch(
                c ->
                    Character.isISOControl(c)
                        || Character.getType(c) == Character.SURROGATE
                        || Character.getType(c) == Character.UNASSIGNED
                        || Character.getType(c) == Character.LINE_SEPARATOR
                        || Character.getType(c) == Character.PARAGRAPH_SEPARATOR);
  }
}
