package com.sdragent.imports.web;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The service's answer when it does not do what was asked. The message is for the client. */
public final class ApiError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The error in one field of a request. */
  public record FieldError(String field, String message) implements java.io.Serializable {}

  private final int status;
  private final String code;
  private final transient List<FieldError> fields;
  private final transient Map<String, String> headers;

  ApiError(
      int status,
      String code,
      String detail,
      List<FieldError> fields,
      Map<String, String> headers) {
    this(status, code, detail, fields, headers, null);
  }

  private ApiError(
      int status,
      String code,
      String detail,
      List<FieldError> fields,
      Map<String, String> headers,
      @Nullable Throwable cause) {
    // There is no stack trace, because this is an answer and not a fault.
    super(detail, cause, false, false);
    this.status = status;
    this.code = code;
    this.fields = List.copyOf(fields);
    this.headers = Map.copyOf(headers);
  }

  private ApiError(int status, String code, String detail) {
    this(status, code, detail, List.of(), Map.of());
  }

  /** 400: some fields are wrong. The answer names them in this order. */
  public static ApiError validation(List<FieldError> fields) {
    String detail =
        fields.stream()
            .map(error -> error.field() + " " + error.message())
            .collect(Collectors.joining("; ", "Validation error: ", ""));
    return new ApiError(400, "validation", detail, fields, Map.of());
  }

  /** 400 for another reason than a field. */
  public static ApiError badRequest(String detail) {
    return new ApiError(400, "bad_request", detail);
  }

  /** 401: the request has no valid credential, or no longer has one. */
  public static ApiError unauthenticated() {
    return new ApiError(
        401,
        "unauthenticated",
        "Invalid or missing authentication credentials",
        List.of(),
        Map.of("WWW-Authenticate", "Bearer"));
  }

  /** 403: the credential is valid, but does not allow this. */
  public static ApiError forbidden(String detail) {
    return new ApiError(403, "forbidden", detail);
  }

  /** 404. */
  public static ApiError notFound(String detail) {
    return new ApiError(404, "not_found", detail);
  }

  /**
   * 409: the current state does not allow it. Only operators see it; clients of imports never do.
   */
  public static ApiError conflict(String detail) {
    return new ApiError(409, "conflict", detail);
  }

  /** 408: the body took too long; the connection is closed. */
  static ApiError requestTimeout() {
    return new ApiError(
        408,
        "request_timeout",
        "The request did not arrive in time",
        List.of(),
        Map.of("Connection", "close"));
  }

  /** 412: the version is none that the request wants to be done to. Nothing was stored. */
  public static ApiError otherVersion() {
    return new ApiError(
        412, "precondition_failed", "The version is none that If-Match or If-None-Match allow");
  }

  /** 409: a request under an idempotency key is still being done. This one did nothing. */
  public static ApiError stillBeingDone() {
    return new ApiError(
        409,
        "idempotency_key_in_use",
        "A request with this Idempotency-Key is still being done, send it again under the same key",
        List.of(),
        Map.of("Retry-After", "1"));
  }

  /**
   * 421: the organization is not on the store that was asked. Nothing was looked at or stored.
   *
   * @param address where its store is reached, or an empty text
   */
  public static ApiError misdirected(String address) {
    return new ApiError(
        421,
        "misdirected_request",
        "The organization is not on the store that was asked"
            + (address.isEmpty() ? "" : ", ask " + address),
        List.of(),
        address.isEmpty() ? Map.of() : Map.of("Link", "<" + address + ">; rel=\"alternate\""));
  }

  /** 422: an idempotency key was used for another request. Nothing was stored. */
  public static ApiError otherRequest() {
    return new ApiError(
        422, "idempotency_key_reused", "The Idempotency-Key was used for another request");
  }

  /** 413. */
  public static ApiError payloadTooLarge(String detail) {
    return new ApiError(413, "payload_too_large", detail);
  }

  /**
   * 429: nothing was done.
   *
   * @param retryAfter seconds after which it makes sense to try again
   */
  public static ApiError tooManyRequests(String detail, long retryAfter) {
    return new ApiError(
        429,
        "too_many_requests",
        detail,
        List.of(),
        Map.of("Retry-After", String.valueOf(retryAfter)));
  }

  /** 503: the request could not be done now, and nothing was stored. */
  public static ApiError unavailable(String detail) {
    return new ApiError(503, "unavailable", detail, List.of(), Map.of("Retry-After", "1"));
  }

  /** 503 because of this cause, which goes only to the log. */
  public static ApiError unavailable(String detail, Throwable cause) {
    return new ApiError(503, "unavailable", detail, List.of(), Map.of("Retry-After", "1"), cause);
  }

  /** 504: the change was stored once or not at all. */
  public static ApiError outcomeUnknown() {
    return new ApiError(504, "outcome_unknown", "The outcome is not known");
  }

  /** The status code of the answer. */
  public int status() {
    return status;
  }

  String code() {
    return code;
  }

  String detail() {
    return String.valueOf(getMessage());
  }

  List<FieldError> fields() {
    return fields;
  }

  Map<String, String> headers() {
    return headers;
  }
}
