package com.sdragent.imports.access;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.oauth2.jwt.JwtDecoderInitializationException;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Finds the caller from {@code X-API-Key} or a bearer token. Whether one is needed is decided
 * afterwards, by the route. When both are sent, both must be valid and name one organization, and
 * only what both allow is allowed.
 */
final class CallerFilter extends OncePerRequestFilter {
  private static final Logger log = LoggerFactory.getLogger(CallerFilter.class);
  private static final String BEARER = "Bearer ";

  private final ApiKeys keys;
  private final Tokens tokens;
  private final Duration believed;

  /**
   * @param believed for how long a key that let somebody in holds while it cannot be looked up
   */
  CallerFilter(ApiKeys keys, Tokens tokens, Duration believed) {
    this.keys = keys;
    this.tokens = tokens;
    this.believed = believed;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    Optional<Visitor> visitor;
    try {
      visitor = visitor(request.getHeader("X-API-Key"), request.getHeader("Authorization"));
    } catch (DataAccessException | JwtException | JwtDecoderInitializationException e) {
      log.warn("Credentials cannot be checked: {}", e.getClass().getSimpleName());
      ErrorBodies.write(
          request,
          response,
          ApiError.unavailable("The credentials cannot be checked now, try again"));
      return;
    }
    if (visitor.isPresent()) {
      request.setAttribute(Credential.class.getName(), visitor.get().credential());
      var context = SecurityContextHolder.createEmptyContext();
      context.setAuthentication(new CallerAuthentication(visitor.get().caller()));
      SecurityContextHolder.setContext(context);
    }
    chain.doFilter(request, response);
  }

  private Optional<Visitor> visitor(@Nullable String key, @Nullable String authorization) {
    if (authorization == null) return key == null ? Optional.empty() : byKey(key);
    if (!authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) return Optional.empty();
    Optional<Visitor> byToken = tokens.find(authorization.substring(BEARER.length()).strip());
    if (key == null || byToken.isEmpty()) return byToken;
    return byKey(key).flatMap(byKey -> both(byKey, byToken.get()));
  }

  private Optional<Visitor> byKey(String key) {
    return keys.find(key)
        .map(caller -> new Visitor(caller, new KeyCredential(keys, key, caller, believed)));
  }

  private static Optional<Visitor> both(Visitor byKey, Visitor byToken) {
    Caller caller = byToken.caller();
    if (!byKey.caller().organization().equals(caller.organization())) return Optional.empty();
    var scopes = new HashSet<>(byKey.caller().scopes());
    scopes.retainAll(caller.scopes());
    return Optional.of(
        new Visitor(
            new Caller(caller.organization(), caller.actor(), scopes),
            () -> byKey.credential().holds() && byToken.credential().holds()));
  }
}
