package com.sdragent.imports.query.projection;

import java.util.OptionalLong;

/** A position in the text of a notification, which every login of the database may send. */
final class ToldPosition {
  private ToldPosition() {}

  /** The position, or nothing when the text is none: then something is to be looked for. */
  static OptionalLong read(String text) {
    try {
      return OptionalLong.of(Long.parseLong(text));
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }
}
