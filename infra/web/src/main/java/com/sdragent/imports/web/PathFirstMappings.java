package com.sdragent.imports.web;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.PathContainer;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.springframework.web.util.ServletRequestPathUtils;
import org.springframework.web.util.pattern.PathPattern;

/**
 * Spring's mappings, which are asked before those of the actuator and compare paths before anything
 * else. A path with an id is in no table: Spring would read the {@code Accept} of the request for
 * each route of the service before it looks at the path, which took an eighth of a GET.
 */
final class PathFirstMappings extends RequestMappingHandlerMapping {
  @Override
  public int getOrder() {
    return HIGHEST_PRECEDENCE;
  }

  @Override
  protected @Nullable RequestMappingInfo getMatchingMapping(
      RequestMappingInfo route, HttpServletRequest request) {
    return isAt(route, request) ? super.getMatchingMapping(route, request) : null;
  }

  private static boolean isAt(RequestMappingInfo route, HttpServletRequest request) {
    PathContainer path =
        ServletRequestPathUtils.getParsedRequestPath(request).pathWithinApplication();
    for (PathPattern pattern :
        Objects.requireNonNull(route.getPathPatternsCondition()).getPatterns()) {
      if (pattern.matches(path)) return true;
    }
    return false;
  }
}
