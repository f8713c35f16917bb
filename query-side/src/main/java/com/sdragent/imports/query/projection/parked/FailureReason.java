package com.sdragent.imports.query.projection.parked;

import java.io.IOException;
import java.sql.SQLException;
import java.util.regex.Pattern;
import org.springframework.core.NestedExceptionUtils;

/** The reason for a failure, as it is stored and shown to operators. */
public final class FailureReason {
  private static final Pattern CLASS =
      Pattern.compile("[`'\"]?\\b(\\w+\\.){2,}[A-Z][\\w$.]*[`'\"]?");

  private FailureReason() {}

  /**
   * The reason in one line that can be stored and shown. An exception's message may quote
   * characters that cannot be, and libraries name their classes and hosts.
   */
  public static String of(Exception e) {
    Throwable cause = NestedExceptionUtils.getMostSpecificCause(e);
    boolean isAway =
        cause instanceof SQLException lost && String.valueOf(lost.getSQLState()).startsWith("08");
    if (isAway || cause instanceof IOException) return "The database does not answer";
    String message = String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
    if (cause.getMessage() == null || message.isEmpty()) return "It failed without a reason";
    return CLASS.matcher(message.replaceAll("\\p{Cntrl}", "?")).replaceAll("a value");
  }
}
