package com.sdragent.imports.web;

import jakarta.servlet.http.HttpServletRequest;
import org.springframework.web.filter.ServerHttpObservationFilter;

/** The name under which a request is timed. */
public final class TimedRoute {
  private TimedRoute() {}

  /**
   * Times an answer that is slow because its client asked for that apart from the others of its
   * route.
   *
   * @param why such as {@code wait}
   */
  public static void isSlowOnRequest(HttpServletRequest request, String why) {
    ServerHttpObservationFilter.findObservationContext(request)
        .ifPresent(route -> route.setPathPattern(route.getPathPattern() + " (" + why + ")"));
  }
}
