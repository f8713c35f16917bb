package com.sdragent.imports.web;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads times from outside: ISO 8601 with an offset, in the years 1 to 9999, which PostgreSQL can
 * hold.
 */
public final class StrictTime {
  /** The latest time there is for the service, later than whatever happens. */
  public static final Instant LATEST = Instant.parse("9999-12-31T00:00:00Z");

  private static final Instant EARLIEST = Instant.parse("0001-01-01T00:00:00Z");

  private static final Pattern BEYOND_NANOSECONDS =
      Pattern.compile("([^.]+\\.\\d{9})(\\d+)(\\D.*)");

  private StrictTime() {}

  /**
   * The time that the text gives, or nothing. Nanoseconds are kept. Of finer digits, only their
   * presence is kept, so that comparison with whole microseconds is exact.
   */
  public static Optional<Instant> parse(String text) {
    Matcher precise = BEYOND_NANOSECONDS.matcher(text);
    if (!precise.matches()) return parsed(text);
    boolean isMore = !precise.group(2).matches("0+");
    return parsed(precise.group(1) + precise.group(3))
        .map(
            time ->
                isMore && time.equals(time.truncatedTo(ChronoUnit.MICROS))
                    ? time.plusNanos(1)
                    : time);
  }

  private static Optional<Instant> parsed(String text) {
    try {
      Instant time = OffsetDateTime.parse(text).toInstant();
      return time.isBefore(EARLIEST) || time.isAfter(LATEST) ? Optional.empty() : Optional.of(time);
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }
}
