package com.sdragent.imports.access;

import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.PathContainer;
import org.springframework.http.server.PathContainer.PathSegment;
import org.springframework.http.server.RequestPath;
import org.springframework.security.authorization.AuthenticatedAuthorizationManager;
import org.springframework.security.authorization.AuthorityAuthorizationManager;
import org.springframework.security.authorization.AuthorizationManager;
import org.springframework.security.authorization.AuthorizationResult;
import org.springframework.security.core.Authentication;
import org.springframework.security.web.access.intercept.RequestAuthorizationContext;
import org.springframework.web.util.ServletRequestPathUtils;

/**
 * The scopes of {@code /imports} and everything below it, found by one look at the path and the
 * method: nearly all requests are for these routes, and a matcher for each took longer than the
 * rest of the check.
 */
final class ImportScopes implements AuthorizationManager<RequestAuthorizationContext> {
  private static final AuthorizationManager<RequestAuthorizationContext> READ =
      having(Scope.IMPORTS_READ);
  private static final AuthorizationManager<RequestAuthorizationContext> WRITE =
      having(Scope.IMPORTS_WRITE);
  private static final AuthorizationManager<RequestAuthorizationContext> AUDIT =
      having(Scope.IMPORTS_AUDIT);
  private static final AuthorizationManager<RequestAuthorizationContext> ANY =
      AuthenticatedAuthorizationManager.authenticated();

  /** Whether the request is for one of these routes. */
  static boolean apply(HttpServletRequest request) {
    List<PathContainer.Element> parts = path(request).elements();
    return parts.size() > 1 && isNamed(parts.get(1), "imports");
  }

  @Override
  public @Nullable AuthorizationResult authorize(
      Supplier<? extends @Nullable Authentication> caller, RequestAuthorizationContext context) {
    return rule(context.getRequest()).authorize(caller, context);
  }

  private static AuthorizationManager<RequestAuthorizationContext> rule(
      HttpServletRequest request) {
    return switch (request.getMethod()) {
      case "GET", "HEAD" -> asksForThePast(request) ? AUDIT : READ;
      case "POST", "PUT", "PATCH", "DELETE" -> WRITE;
      default -> ANY;
    };
  }

  private static boolean asksForThePast(HttpServletRequest request) {
    PathContainer path = path(request);
    return isHistory(path) || isDifference(path) || Past.isAskedFor(request);
  }

  /** Whether this is {@code /imports/{id}/events}, with or without a slash at its end. */
  private static boolean isHistory(PathContainer path) {
    List<PathContainer.Element> parts = path.elements();
    return (parts.size() == 6 || parts.size() == 7)
        && parts.get(3) instanceof PathSegment
        && isNamed(parts.get(5), "events");
  }

  /** Whether this is {@code /imports/changes}, with or without a slash at its end. */
  private static boolean isDifference(PathContainer path) {
    List<PathContainer.Element> parts = path.elements();
    return (parts.size() == 4 || parts.size() == 5)
        && isNamed(parts.get(3), "changes")
        && (parts.size() == 4 || !(parts.get(4) instanceof PathSegment));
  }

  private static boolean isNamed(PathContainer.Element part, String name) {
    return part instanceof PathSegment segment && segment.valueToMatch().equals(name);
  }

  /** The path as Spring MVC routes it: decoded, segment by segment. */
  private static PathContainer path(HttpServletRequest request) {
    RequestPath path =
        ServletRequestPathUtils.hasParsedRequestPath(request)
            ? ServletRequestPathUtils.getParsedRequestPath(request)
            : RequestPath.parse(request.getRequestURI(), request.getContextPath());
    return path.pathWithinApplication();
  }

  private static AuthorizationManager<RequestAuthorizationContext> having(Scope scope) {
    return AuthorityAuthorizationManager.hasAuthority(scope.label());
  }
}
