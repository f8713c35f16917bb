package com.sdragent.imports.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes errors, whatever found them: {@code {"detail": "…"}}, or a problem of RFC 9457 for a
 * client that asks for it.
 */
public final class ErrorBodies {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private ErrorBodies() {}

  public static void write(HttpServletRequest request, HttpServletResponse response, ApiError error)
      throws IOException {
    boolean problem = wantsProblem(request);
    response.setStatus(error.status());
    response.setHeader(RequestId.HEADER, RequestId.of(request));
    error.headers().forEach(response::setHeader);
    byte[] body = JSON.writeValueAsBytes(body(error, problem));
    response.setContentType(
        problem ? MediaType.APPLICATION_PROBLEM_JSON_VALUE : MediaType.APPLICATION_JSON_VALUE);
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
  }

  /** The error for a status that Spring or the container has decided on. */
  public static ApiError of(int status, Map<String, String> headers) {
    HttpStatus known = HttpStatus.resolve(status);
    String code = known == null ? "error" : known.name().toLowerCase(java.util.Locale.ROOT);
    String detail =
        switch (status) {
          case 400 -> "The request is malformed";
          case 404 -> "There is nothing at this address";
          case 405 -> "This address does not support the method";
          case 408 -> "The request did not arrive in time";
          case 406 -> "The service answers in application/json only";
          case 413 -> "The body is too large";
          case 417 -> "The expectation is not supported";
          case 414 -> "The address is too long";
          case 415 ->
              "The body must be sent as "
                  + headers.getOrDefault("Accept-Patch", "application/json");
          case 431 -> "The headers are too large";
          case 501 -> "The method or the transfer encoding is not supported";
          case 505 -> "The version of HTTP is not supported";
          case 503 -> "The service cannot do this now, try again";
          default -> status >= 500 ? "The service failed" : "The request could not be processed";
        };
    return new ApiError(status, code, detail, List.of(), headers);
  }

  private static ObjectNode body(ApiError error, boolean problem) {
    ObjectNode body = JSON.createObjectNode();
    if (!problem) return body.put("detail", error.detail());
    HttpStatus status = HttpStatus.resolve(error.status());
    body.put("type", "about:blank");
    body.put("title", status == null ? "Error" : status.getReasonPhrase());
    body.put("status", error.status());
    body.put("detail", error.detail());
    body.put("code", error.code());
    if (!error.fields().isEmpty()) {
      ArrayNode errors = body.putArray("errors");
      for (ApiError.FieldError field : error.fields()) {
        errors.addObject().put("field", field.field()).put("message", field.message());
      }
    }
    return body;
  }

  private static boolean wantsProblem(HttpServletRequest request) {
    try {
      return Accepted.of(request).prefersProblems();
    } catch (RuntimeException e) {
      // Whatever a client says of itself, it gets its error.
      return false;
    }
  }
}
