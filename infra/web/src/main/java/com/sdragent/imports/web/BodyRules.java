package com.sdragent.imports.web;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import org.springframework.web.servlet.HandlerInterceptor;

/**
 * Refuses a body by its headers before any of it is read, so that a client that waits for {@code
 * 100 Continue} need not send it.
 */
final class BodyRules implements HandlerInterceptor {
  @Override
  public boolean preHandle(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    // An error that has already been found is not looked for again.
    if (request.getDispatcherType() != DispatcherType.REQUEST) return true;
    boolean hasBody =
        request.getContentLengthLong() > 0 || request.getHeader("Transfer-Encoding") != null;
    if (!hasBody) return true;
    Enumeration<String> encodings = request.getHeaders("Content-Encoding");
    while (encodings.hasMoreElements()) {
      if (encodings.nextElement().equalsIgnoreCase("identity")) continue;
      throw new ApiError(
          415,
          "unsupported_media_type",
          "The body must be sent without a content encoding",
          List.of(),
          Map.of("Accept-Encoding", "identity"));
    }
    if (request.getContentLengthLong() > StrictJson.MAX_BODY_BYTES) throw StrictJson.tooLarge();
    return true;
  }
}
