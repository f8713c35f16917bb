package com.sdragent.imports.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.CorsUtils;
import org.springframework.web.cors.DefaultCorsProcessor;
import org.springframework.web.filter.CorsFilter;

/**
 * Lets pages of the allowed origins ask, in front of everything else: a preflight is answered here,
 * without a key, and every answer to such a page can be read by it, errors too. A request from
 * elsewhere is answered as without CORS, and its page cannot read the answer.
 */
final class CrossOrigin extends DefaultCorsProcessor {
  private static final Duration PREFLIGHT_HOLDS = Duration.ofMinutes(30);

  /** What an answer says beside its body. */
  private static final List<String> READABLE =
      List.of(
          "ETag",
          "Location",
          "Link",
          "Retry-After",
          "RateLimit",
          "RateLimit-Policy",
          "Idempotency-Replayed",
          "Preference-Applied",
          "Accept-Patch",
          "Allow",
          "WWW-Authenticate",
          "X-Request-Id",
          "X-Total-Count",
          "X-Projection-Lag",
          "X-Feed-Reset",
          "X-Feed-Heartbeat");

  static CorsFilter filter(WebProperties.Cors cors) {
    var allowed = new CorsConfiguration();
    allowed.setAllowedOrigins(cors.allowedOrigins());
    allowed.setAllowedMethods(List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"));
    allowed.setAllowedHeaders(List.of(CorsConfiguration.ALL));
    allowed.setExposedHeaders(READABLE);
    allowed.setMaxAge(PREFLIGHT_HOLDS);
    var filter =
        new CorsFilter(_ -> allowed) {
          // Browsers keep those once, whoever asks: an answer that varied would come anew.
          @Override
          protected boolean shouldNotFilter(HttpServletRequest request) {
            return request.getRequestURI().contains("/console/files/");
          }
        };
    filter.setCorsProcessor(new CrossOrigin());
    return filter;
  }

  @Override
  public boolean processRequest(
      @Nullable CorsConfiguration allowed, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (allowed != null && !CorsUtils.isPreFlightRequest(request)) {
      if (allowed.checkOrigin(request.getHeader(HttpHeaders.ORIGIN)) == null) {
        response.addHeader(HttpHeaders.VARY, HttpHeaders.ORIGIN);
        return true;
      }
      // Methods are what a preflight asks about: this is answered like any other, 405 included.
      return super.processRequest(withAllMethods(allowed), request, response);
    }
    if (super.processRequest(allowed, request, response)) return true;
    ErrorBodies.write(
        request, response, ApiError.forbidden("Pages of this origin may not ask for this"));
    return false;
  }

  private static CorsConfiguration withAllMethods(CorsConfiguration allowed) {
    var all = new CorsConfiguration(allowed);
    all.setAllowedMethods(List.of(CorsConfiguration.ALL));
    return all;
  }

  /** The error is written by the caller, in the service's own form. */
  @Override
  protected void rejectRequest(ServerHttpResponse response) {}
}
