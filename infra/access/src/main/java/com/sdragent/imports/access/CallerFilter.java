package com.sdragent.imports.access;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
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

  CallerFilter(ApiKeys keys, Tokens tokens) {
    this.keys = keys;
    this.tokens = tokens;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    Optional<Caller> caller;
    try {
      caller = caller(request.getHeader("X-API-Key"), request.getHeader("Authorization"));
    } catch (DataAccessException | JwtException | JwtDecoderInitializationException e) {
      log.warn("Credentials cannot be checked: {}", e.getClass().getSimpleName());
      ErrorBodies.write(
          request,
          response,
          ApiError.unavailable("The credentials cannot be checked now, try again"));
      return;
    }
    if (caller.isPresent()) {
      var context = SecurityContextHolder.createEmptyContext();
      context.setAuthentication(new CallerAuthentication(caller.get()));
      SecurityContextHolder.setContext(context);
    }
    chain.doFilter(request, response);
  }

  private Optional<Caller> caller(@Nullable String key, @Nullable String authorization) {
    if (authorization == null) return key == null ? Optional.empty() : keys.find(key);
    if (!authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) return Optional.empty();
    Optional<Caller> byToken = tokens.find(authorization.substring(BEARER.length()).strip());
    if (key == null || byToken.isEmpty()) return byToken;
    return keys.find(key).flatMap(byKey -> both(byKey, byToken.get()));
  }

  private static Optional<Caller> both(Caller byKey, Caller byToken) {
    if (!byKey.organization().equals(byToken.organization())) return Optional.empty();
    var scopes = new HashSet<>(byKey.scopes());
    scopes.retainAll(byToken.scopes());
    return Optional.of(new Caller(byToken.organization(), byToken.actor(), scopes));
  }
}
