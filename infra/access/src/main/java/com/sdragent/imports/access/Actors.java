package com.sdragent.imports.access;

/** Names of callers reach the store and the logs, so they must be plain text. */
final class Actors {
  private static final int LONGEST = 255;

  private Actors() {}

  static boolean isPrintable(String name) {
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
