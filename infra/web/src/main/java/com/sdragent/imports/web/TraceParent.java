package com.sdragent.imports.web;

import jakarta.servlet.http.HttpServletRequest;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/**
 * The trace that a request belongs to: the client's, or a new one when the client sent no valid
 * one.
 *
 * @see <a href="https://www.w3.org/TR/trace-context/#traceparent-header">W3C Trace Context</a>
 */
public final class TraceParent {
  private static final String HEADER = "traceparent";
  private static final Pattern VALID =
      Pattern.compile("(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

  private TraceParent() {}

  /** The header's value, such as {@code 00-<32 digits>-<16 digits>-01}. */
  public static String of(HttpServletRequest request) {
    String sent = request.getHeader(HEADER);
    return sent != null && VALID.matcher(sent).matches() ? sent : unsampled();
  }

  /** A new trace, which nobody records: it ties together the events that one request caused. */
  private static String unsampled() {
    var random = ThreadLocalRandom.current();
    HexFormat hex = HexFormat.of();
    return "00-"
        + hex.toHexDigits(random.nextLong())
        + hex.toHexDigits(random.nextLong(1, Long.MAX_VALUE))
        + "-"
        + hex.toHexDigits(random.nextLong(1, Long.MAX_VALUE))
        + "-00";
  }
}
