package com.sdragent.imports.access;

import com.sdragent.imports.access.limits.RequestLimits;
import com.sdragent.imports.web.ApiError;
import com.sdragent.imports.web.ErrorBodies;
import com.sdragent.imports.web.Failures;
import com.sdragent.imports.web.LoggedRequest;
import com.sdragent.imports.web.Outage;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.dao.DataAccessException;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.oauth2.jwt.JwtDecoderInitializationException;
import org.springframework.security.oauth2.jwt.JwtException;

/**
 * Finds the caller from {@code X-API-Key} or a bearer token. The route decides afterwards whether
 * one is needed. When both are sent, both must be valid and name the same organization, and only
 * what both allow is allowed.
 */
final class CallerFilter extends HttpFilter {
  private static final long serialVersionUID = 1L;
  private static final String BEARER = "Bearer ";

  private final transient ApiKeys keys;
  private final transient KeyUses uses;
  private final transient Tokens tokens;
  private final transient Failures failures;
  private final transient Refusals refusals;
  private final transient RequestLimits limits;
  private final transient Places places;
  private final transient Outage issuer = new Outage();

  CallerFilter(
      ApiKeys keys,
      KeyUses uses,
      Tokens tokens,
      Failures failures,
      Refusals refusals,
      RequestLimits limits,
      Places places) {
    this.keys = keys;
    this.uses = uses;
    this.refusals = refusals;
    this.tokens = tokens;
    this.failures = failures;
    this.limits = limits;
    this.places = places;
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    // The container asks again for the body of an error, which needs no caller.
    if (request.getDispatcherType() != DispatcherType.REQUEST) {
      chain.doFilter(request, response);
      return;
    }
    Optional<Visitor> visitor;
    try {
      visitor = visitor(request);
      if (visitor.isPresent()) places.requireRightStore();
    } catch (DataAccessException e) {
      refuse(unchecked(), e, request, response);
      return;
    } catch (InvalidConfigurationPropertyValueException e) {
      refuse(
          ApiError.unavailable("This node is not on the store that it is told"),
          e,
          request,
          response);
      return;
    } catch (JwtException | JwtDecoderInitializationException e) {
      issuer.noticed("The issuer of tokens does not answer");
      ErrorBodies.write(request, response, unchecked());
      return;
    }
    if (visitor.isPresent()) {
      Caller caller = visitor.get().caller();
      LoggedRequest.calledBy(
          request, caller.organization(), caller.kind() == ActorKind.KEY ? caller.actor() : null);
      if (places.isElsewhere(caller, request)) {
        refusals.because(Refusal.ELSEWHERE, caller.keyId());
        ErrorBodies.write(request, response, places.elsewhere(caller));
        return;
      }
      if (limits.areOn() && isOverALimit(caller, request, response)) return;
      request.setAttribute(Credential.class.getName(), visitor.get().credential());
      var context = SecurityContextHolder.createEmptyContext();
      context.setAuthentication(new CallerAuthentication(caller));
      SecurityContextHolder.setContext(context);
    }
    chain.doFilter(request, response);
  }

  private void refuse(
      ApiError error, Exception e, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    failures.answered(error, e);
    ErrorBodies.write(request, response, error);
  }

  /**
   * Counts the request, and answers it when that is one too many. Operators are not counted: they
   * are who could change the limits.
   */
  private boolean isOverALimit(
      Caller caller, HttpServletRequest request, HttpServletResponse response) throws IOException {
    if (caller.scopes().contains(Scope.OPERATOR)) return false;
    RequestLimits.Answer told = ask(caller);
    if (told.policies() != null) {
      response.setHeader("RateLimit-Policy", told.policies());
      response.setHeader("RateLimit", told.states());
    }
    if (told.refusedBy() == null) return false;
    ErrorBodies.write(
        request,
        response,
        ApiError.tooManyRequests(
            "The " + told.refusedBy() + " has no requests left now, try again later",
            told.retryAfter()));
    return true;
  }

  private RequestLimits.Answer ask(Caller caller) {
    String keyId = caller.keyId();
    if (caller.kind() == ActorKind.TOKEN) {
      return limits.ask(caller.organization(), RequestLimits.Kind.TOKEN, caller.actor());
    }
    return keyId == null
        ? limits.ask(caller.organization(), RequestLimits.Kind.CONFIGURED_KEY, caller.actor())
        : limits.ask(caller.organization(), RequestLimits.Kind.KEY, keyId);
  }

  /**
   * The visitor that the headers name. When a header is sent twice, another server may take the
   * other value, so neither counts.
   */
  private Optional<Visitor> visitor(HttpServletRequest request) {
    List<String> keys = Collections.list(request.getHeaders("X-API-Key"));
    List<String> authorizations = Collections.list(request.getHeaders("Authorization"));
    if (keys.size() > 1 || authorizations.size() > 1) return refusals.because(Refusal.REPEATED);
    return visitor(
        request,
        keys.isEmpty() ? null : keys.getFirst(),
        authorizations.isEmpty() ? null : authorizations.getFirst());
  }

  private Optional<Visitor> visitor(
      HttpServletRequest request, @Nullable String key, @Nullable String authorization) {
    if (authorization == null) return key == null ? Optional.empty() : byKey(request, key);
    if (!authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      return refusals.because(Refusal.MALFORMED);
    }
    Optional<Visitor> byToken = tokens.find(authorization.substring(BEARER.length()).strip());
    if (byToken.isEmpty()) return refusals.because(Refusal.TOKEN);
    issuer.isOver();
    if (key == null) return byToken;
    return byKey(request, key).flatMap(byKey -> both(byKey, byToken.get()));
  }

  private Optional<Visitor> byKey(HttpServletRequest request, String key) {
    Optional<KnownKey> found = keys.find(key);
    if (found.isEmpty()) return Optional.empty();
    KnownKey known = found.get();
    if (!known.networks().isEmpty() && !known.admits(request.getRemoteAddr())) {
      return refusals.because(Refusal.NETWORK, known.caller().keyId());
    }
    if (!places.isElsewhere(known.caller(), request)) uses.note(known);
    return Optional.of(new Visitor(known.caller(), new KeyCredential(keys, key, known)));
  }

  private static ApiError unchecked() {
    return ApiError.unavailable("The credentials cannot be checked now, try again");
  }

  private Optional<Visitor> both(Visitor byKey, Visitor byToken) {
    Caller caller = byToken.caller();
    if (!byKey.caller().organization().equals(caller.organization())) {
      return refusals.because(Refusal.MISMATCH);
    }
    var scopes = new HashSet<>(byKey.caller().scopes());
    scopes.retainAll(caller.scopes());
    return Optional.of(
        new Visitor(
            new Caller(
                caller.organization(),
                caller.actor(),
                caller.kind(),
                byKey.caller().keyId(),
                scopes),
            () -> byKey.credential().holds() && byToken.credential().holds()));
  }
}
