package com.sdragent.imports.access;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.http.HttpMethod;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.security.authorization.AuthenticatedAuthorizationManager;
import org.springframework.security.authorization.AuthorityAuthorizationManager;
import org.springframework.security.authorization.AuthorizationManager;
import org.springframework.security.authorization.AuthorizationResult;
import org.springframework.security.web.access.intercept.RequestAuthorizationContext;
import org.springframework.security.web.access.intercept.RequestMatcherDelegatingAuthorizationManager;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;
import org.springframework.security.web.util.matcher.AnyRequestMatcher;
import org.springframework.security.web.util.matcher.RequestMatcher;

class ImportScopesTest {
  private static final List<String> METHODS =
      List.of("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "get", "X");
  private static final List<String> PATHS =
      List.of(
          "",
          "/",
          "/imports",
          "/imports/",
          "/imports/1",
          "/imports/1/",
          "/imports/1/events",
          "/imports/1/events/",
          "/imports/1/events/2",
          "/imports/1/events/2/",
          "/imports/1/2/events",
          "/imports/events",
          "/imports/events/",
          "/imports/events/events",
          "/imports/summary",
          "/imports/summary/",
          "/imports/changes",
          "/imports/changes/",
          "/imports/changes//",
          "/imports//changes",
          "/imports/change%73",
          "/imports/Changes",
          "/imports/changes/1",
          "/imports/1/Events",
          "/imports/1/event",
          "/imports/1/eventss",
          "/imports/1/%65vents",
          "/imports/1/event%73/",
          "/imports/%20/events",
          "/imports/%C3%A4/events",
          "/imports/..%2fadmin",
          "/imports//events",
          "/imports///events",
          "/imports/1//events",
          "/imports/1/events//",
          "//imports/1",
          "/%69mports",
          "/%69mports/1/events",
          "/Imports/1",
          "/import",
          "/importss/1",
          "/imports.json",
          "/imports%2f1",
          "/x/imports/1",
          "/admin/imports",
          "/events",
          "/events/",
          "/actuator/health",
          "/error");

  /** The matchers that the one look replaces, in their order. */
  private static final AuthorizationManager<HttpServletRequest> MATCHERS =
      RequestMatcherDelegatingAuthorizationManager.builder()
          .add(pattern(HttpMethod.GET, "/imports/*/events"), having(Scope.IMPORTS_AUDIT))
          .add(pattern(HttpMethod.GET, "/imports/*/events/"), having(Scope.IMPORTS_AUDIT))
          .add(pattern(HttpMethod.HEAD, "/imports/*/events"), having(Scope.IMPORTS_AUDIT))
          .add(pattern(HttpMethod.HEAD, "/imports/*/events/"), having(Scope.IMPORTS_AUDIT))
          .add(pattern(HttpMethod.GET, "/imports/changes"), having(Scope.IMPORTS_AUDIT))
          .add(pattern(HttpMethod.GET, "/imports/changes/"), having(Scope.IMPORTS_AUDIT))
          .add(pattern(HttpMethod.HEAD, "/imports/changes"), having(Scope.IMPORTS_AUDIT))
          .add(pattern(HttpMethod.HEAD, "/imports/changes/"), having(Scope.IMPORTS_AUDIT))
          .add(Past::isAskedFor, having(Scope.IMPORTS_AUDIT))
          .add(pattern(HttpMethod.GET, "/imports/**"), having(Scope.IMPORTS_READ))
          .add(pattern(HttpMethod.HEAD, "/imports/**"), having(Scope.IMPORTS_READ))
          .add(pattern(HttpMethod.POST, "/imports/**"), having(Scope.IMPORTS_WRITE))
          .add(pattern(HttpMethod.PUT, "/imports/**"), having(Scope.IMPORTS_WRITE))
          .add(pattern(HttpMethod.DELETE, "/imports/**"), having(Scope.IMPORTS_WRITE))
          .add(pattern(HttpMethod.PATCH, "/imports/**"), having(Scope.IMPORTS_WRITE))
          .add(AnyRequestMatcher.INSTANCE, AuthenticatedAuthorizationManager.authenticated())
          .build();

  @Test
  void they_apply_to_exactly_the_paths_that_a_pattern_matches() {
    RequestMatcher pattern = pattern(null, "/imports/**");
    for (HttpServletRequest request : requests()) {
      assertThat(ImportScopes.apply(request))
          .as(request.getRequestURI())
          .isEqualTo(pattern.matches(request));
    }
  }

  @Test
  void they_allow_exactly_what_a_matcher_for_each_route_allows() {
    var scopes = new ImportScopes();
    for (HttpServletRequest request : requests()) {
      if (!ImportScopes.apply(request)) continue;
      for (Scope scope : Scope.values()) {
        var caller =
            new CallerAuthentication(
                new Caller(UUID.randomUUID(), "a test", ActorKind.KEY, null, Set.of(scope)));
        boolean byMatchers = isGranted(MATCHERS.authorize(() -> caller, request));
        boolean byOneLook =
            isGranted(scopes.authorize(() -> caller, new RequestAuthorizationContext(request)));
        assertThat(byOneLook)
            .as(request.getMethod() + " " + request.getRequestURI() + " with " + scope)
            .isEqualTo(byMatchers);
      }
    }
  }

  private static boolean isGranted(@Nullable AuthorizationResult result) {
    return Objects.requireNonNull(result).isGranted();
  }

  private static List<HttpServletRequest> requests() {
    var requests = new ArrayList<HttpServletRequest>();
    for (String context : List.of("", "/behind")) {
      for (String path : PATHS) {
        for (String method : METHODS) {
          for (boolean past : List.of(false, true)) {
            var request = new MockHttpServletRequest(method, context + path);
            request.setContextPath(context);
            if (past) request.setParameter(Past.PARAMETER, "");
            requests.add(request);
          }
        }
      }
    }
    return requests;
  }

  private static RequestMatcher pattern(@Nullable HttpMethod method, String path) {
    return PathPatternRequestMatcher.withDefaults().matcher(method, path);
  }

  private static AuthorizationManager<RequestAuthorizationContext> having(Scope scope) {
    return AuthorityAuthorizationManager.hasAuthority(scope.label());
  }
}
