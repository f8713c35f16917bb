package com.sdragent.imports.web;

import jakarta.servlet.http.HttpServletRequest;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The parameters of a request, checked one by one. Their errors are collected. */
public final class RequestParameters {
  /** The most elements that a page may have. */
  public static final int LARGEST_PAGE = 1000;

  private static final String CURSOR = "must come from a Link header";

  private final HttpServletRequest request;
  private final FieldErrors errors = new FieldErrors();

  /** The parameters of this request. */
  public RequestParameters(HttpServletRequest request) {
    this.request = request;
  }

  /** The value as this parser reads it, or null when there is none or it is wrong. */
  public <T> @Nullable T value(String name, Function<String, Optional<T>> parse, String otherwise) {
    String[] values = request.getParameterValues(name);
    if (values == null) return null;
    if (values.length == 1) {
      Optional<T> value = parse.apply(values[0]);
      if (value.isPresent()) return value.get();
    }
    wrong(name, values.length == 1 ? otherwise : "must be given at most once");
    return null;
  }

  /** Adds an error in a parameter, or in several together. */
  public void wrong(String name, String message) {
    errors.wrong(name, message);
  }

  /** How many elements a page should have, or null for everything. */
  public @Nullable Integer limit() {
    return value(
        "limit",
        text -> integer(text, 1, LARGEST_PAGE),
        "must be an integer from 1 to " + LARGEST_PAGE);
  }

  /** A time, as precise as it was written. */
  public @Nullable Instant time(String name) {
    return value(
        name,
        StrictTime::parse,
        "must be an ISO 8601 time with an offset, such as 2024-10-06T12:00:00Z");
  }

  /** An id. */
  public @Nullable UUID uuid(String name) {
    return value(name, StrictUuid::parse, "must be a UUID");
  }

  /** The end of the page before, as this parser reads it. */
  public <T> @Nullable T cursor(Function<String, Optional<T>> parse) {
    return value("cursor", parse, CURSOR);
  }

  /** The end of the page before, of a numbered list. */
  public @Nullable Long numberedCursor() {
    return cursor(RequestParameters::position);
  }

  /**
   * Ends the checks.
   *
   * @throws ApiError 400, when something was wrong
   */
  public void check() {
    errors.check();
  }

  /** A whole number within these bounds. */
  public static Optional<Integer> integer(String text, int least, int most) {
    if (!text.matches("[0-9]{1,9}")) return Optional.empty();
    int number = Integer.parseInt(text);
    return number >= least && number <= most ? Optional.of(number) : Optional.empty();
  }

  /** A position or a sequence number. */
  public static Optional<Long> position(String text) {
    return text.matches("[0-9]{1,18}") ? Optional.of(Long.valueOf(text)) : Optional.empty();
  }
}
