package com.sdragent.imports.web;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** What somebody may have meant who wrote a name that is not known. */
final class NearestName {
  private NearestName() {}

  /** The known name that fewest letters tell from this one; nothing when none is known. */
  static Optional<String> of(String name, Collection<String> known) {
    String nearest = null;
    int least = Integer.MAX_VALUE;
    for (String one : known) {
      int distance = distance(name.toLowerCase(Locale.ROOT), one);
      if (distance < least) nearest = one;
      least = Math.min(least, distance);
    }
    return Optional.ofNullable(nearest);
  }

  /** How many letters have to be added, taken away or changed (Levenshtein). */
  private static int distance(String from, String to) {
    int[] row = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) row[j] = j;
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int kept = from.charAt(i - 1) == to.charAt(j - 1) ? diagonal : diagonal + 1;
        diagonal = row[j];
        row[j] = Math.min(kept, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[to.length()];
  }
}
