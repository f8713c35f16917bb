package com.sdragent.imports.command.domain;

import java.text.Normalizer;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The name of an outside source.
 *
 * @param asSent the label as the client wrote it, at most {@value #MAX_SENT} characters
 * @param normalized the label by which sources are compared, 1 to {@value #MAX_NORMALIZED}
 *     characters
 */
public record SourceLabel(String asSent, String normalized) {
  public static final int MAX_SENT = 1024;
  public static final int MAX_NORMALIZED = 255;

  private static final Pattern SEPARATORS = Pattern.compile("[\\s\\p{Z}\\-\u2010_]+");

  public SourceLabel {
    if (!isValid(asSent, normalized)) throw new IllegalArgumentException("Not a source label");
  }

  /**
   * The label of this text.
   *
   * @throws IllegalArgumentException when the text is too long or nothing is left of it
   */
  public static SourceLabel of(String asSent) {
    return new SourceLabel(asSent, normalize(asSent));
  }

  /**
   * Returns the text in Unicode NFKC, trimmed, in lower case, with one underscore for each run of
   * spaces, hyphens and underscores. Normalizing twice changes nothing.
   */
  public static String normalize(String text) {
    if (isPlain(text)) return text;
    // Lower case can undo NFKC for a few characters, so both are repeated until nothing changes.
    String before = text;
    String after = once(before);
    while (!after.equals(before)) {
      before = after;
      after = once(before);
    }
    return after;
  }

  /**
   * Whether normalizing changes nothing, as is plain of most labels: "salesforce", "csv_upload".
   */
  private static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean isSingle = c == '_' && (i == 0 || text.charAt(i - 1) != '_');
      if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && !isSingle) return false;
    }
    return true;
  }

  private static String once(String text) {
    String folded =
        Normalizer.normalize(text, Normalizer.Form.NFKC).strip().toLowerCase(Locale.ROOT);
    return SEPARATORS.matcher(folded).replaceAll("_");
  }

  private static boolean isValid(String asSent, String normalized) {
    int length = normalized.codePointCount(0, normalized.length());
    return asSent.codePointCount(0, asSent.length()) <= MAX_SENT
        && length >= 1
        && length <= MAX_NORMALIZED;
  }
}
