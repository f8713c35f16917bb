package com.sdragent.imports.web;

import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.PathContainer;
import org.springframework.http.server.PathContainer.PathSegment;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.springframework.web.util.ServletRequestPathUtils;
import org.springframework.web.util.pattern.PathPattern;

/**
 * Spring's mappings, which are asked before those of the actuator and compare paths before anything
 * else. For a path with an id, Spring goes through all routes of the service, and reads the {@code
 * Accept} of the request for each. Here only those are asked that have the method, the first
 * segment and the length of the path. When they do not settle it, Spring does.
 */
final class PathFirstMappings extends RequestMappingHandlerMapping {
  private static final Pattern SEGMENTS = Pattern.compile("(/([^/{}*?]+|\\{\\w+}))*/?");

  private final Map<Shape, List<Route>> routes = new HashMap<>();

  /** Those that paths of several shapes may lead to. */
  private final List<Route> others = new ArrayList<>();

  /**
   * What is alike in all paths that a route's pattern matches.
   *
   * @param length in segments and slashes
   */
  private record Shape(String method, String firstSegment, int length) {
    static @Nullable Shape of(String method, PathContainer path) {
      List<PathContainer.Element> elements = path.elements();
      return elements.size() > 1 && elements.get(1) instanceof PathSegment first
          ? new Shape(method, first.valueToMatch(), elements.size())
          : null;
    }

    static @Nullable Shape of(RequestMethod method, PathPattern pattern) {
      String text = pattern.getPatternString();
      Shape shape =
          SEGMENTS.matcher(text).matches()
              ? of(method.name(), PathContainer.parsePath(text))
              : null;
      return shape == null || shape.firstSegment().startsWith("{") ? null : shape;
    }
  }

  private record Route(RequestMappingInfo mapping, HandlerMethod handler) {}

  @Override
  public int getOrder() {
    return HIGHEST_PRECEDENCE;
  }

  @Override
  protected void handlerMethodsInitialized(Map<RequestMappingInfo, HandlerMethod> handlers) {
    super.handlerMethodsInitialized(handlers);
    handlers.forEach((mapping, handler) -> add(new Route(mapping, handler)));
    routes.values().forEach(those -> those.addAll(others));
  }

  private void add(Route route) {
    Set<RequestMethod> methods = route.mapping().getMethodsCondition().getMethods();
    List<@Nullable Shape> shapes = new ArrayList<>();
    for (RequestMethod method : methods) {
      for (PathPattern pattern : patterns(route.mapping())) shapes.add(Shape.of(method, pattern));
    }
    if (shapes.isEmpty() || shapes.contains(null)) {
      others.add(route);
      return;
    }
    for (Shape shape : Set.copyOf(shapes)) {
      routes.computeIfAbsent(shape, _ -> new ArrayList<>()).add(route);
    }
  }

  @Override
  protected @Nullable HandlerMethod lookupHandlerMethod(
      String lookupPath, HttpServletRequest request) throws Exception {
    Shape shape = Shape.of(request.getMethod(), path(request));
    HandlerMethod only = null;
    RequestMappingInfo match = null;
    for (Route route : shape == null ? others : routes.getOrDefault(shape, others)) {
      RequestMappingInfo matching = getMatchingMapping(route.mapping(), request);
      if (matching == null) continue;
      // Which of several is the best, Spring decides.
      if (match != null) return super.lookupHandlerMethod(lookupPath, request);
      match = matching;
      only = route.handler();
    }
    if (match == null || only == null) return super.lookupHandlerMethod(lookupPath, request);
    request.setAttribute(BEST_MATCHING_HANDLER_ATTRIBUTE, only);
    handleMatch(match, lookupPath, request);
    return only;
  }

  @Override
  protected @Nullable RequestMappingInfo getMatchingMapping(
      RequestMappingInfo mapping, HttpServletRequest request) {
    return isAt(mapping, path(request)) ? super.getMatchingMapping(mapping, request) : null;
  }

  private static boolean isAt(RequestMappingInfo mapping, PathContainer path) {
    for (PathPattern pattern : patterns(mapping)) {
      if (pattern.matches(path)) return true;
    }
    return false;
  }

  private static Set<PathPattern> patterns(RequestMappingInfo mapping) {
    return Objects.requireNonNull(mapping.getPathPatternsCondition()).getPatterns();
  }

  private static PathContainer path(HttpServletRequest request) {
    return ServletRequestPathUtils.getParsedRequestPath(request).pathWithinApplication();
  }
}
