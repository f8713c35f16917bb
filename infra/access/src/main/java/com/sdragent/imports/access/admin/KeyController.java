package com.sdragent.imports.access.admin;

import com.sdragent.imports.access.Caller;
import com.sdragent.imports.access.Scope;
import com.sdragent.imports.access.keys.KeyEntry;
import com.sdragent.imports.access.keys.KeyTable;
import com.sdragent.imports.access.keys.KeyToken;
import com.sdragent.imports.access.keys.Network;
import com.sdragent.imports.access.keys.NewKey;
import com.sdragent.imports.access.keys.OwnKey;
import com.sdragent.imports.access.trail.Action;
import com.sdragent.imports.web.ApiError;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/**
 * Makes, rotates and revokes the keys of an organization. Nobody gets more by a key than by their
 * own credential: no scope that it lacks, and of a key also no longer time and no other network.
 */
@RestController
class KeyController {
  private final StoredKeys keys;
  private final Trail trail;
  private final String environment;
  private final Clock clock;

  KeyController(StoredKeys keys, Trail trail, String environment, Clock clock) {
    this.keys = keys;
    this.trail = trail;
    this.environment = environment;
    this.clock = clock;
  }

  @PostMapping(
      path = {"/api-keys", "/api-keys/"},
      consumes = MediaType.APPLICATION_JSON_VALUE,
      produces = MediaType.APPLICATION_JSON_VALUE)
  ResponseEntity<ApiKeyView> create(
      @RequestBody JsonNode body,
      @AuthenticationPrincipal Caller caller,
      HttpServletRequest request) {
    NewKeyFields.Asked asked = NewKeyFields.read(body, clock.instant());
    KeyToken token = KeyToken.create(environment);
    KeyEntry made =
        trail.note(
            Action.KEY_CREATE,
            token.id(),
            caller,
            request,
            () -> create(token, asked, caller, request));
    return ResponseEntity.status(HttpStatus.CREATED)
        .header(HttpHeaders.LOCATION, request.getContextPath() + "/api-keys/" + made.id())
        .body(ApiKeyView.of(made, token));
  }

  private KeyEntry create(
      KeyToken token, NewKeyFields.Asked asked, Caller caller, HttpServletRequest request) {
    OwnKey shown = shown(caller, request);
    KeyEntry own = own(shown);
    List<Network> networks = asked.networks();
    if (networks == null) networks = own == null ? List.of() : own.allowedNetworks();
    Instant expiresAt = asked.expiresAt();
    if (expiresAt == null && own != null) expiresAt = own.expiresAt();
    requireNoMore(asked.scopes(), networks, expiresAt, caller, own);
    var key =
        new NewKey(
            caller.organization(),
            asked.name(),
            asked.scopes().stream().map(Scope::label).toList(),
            networks,
            expiresAt);
    return keys.change(connection -> KeyTable.create(connection, token, key, shown))
        .orElseThrow(
            () ->
                refused(
                    shown,
                    ApiError.conflict(
                        "The organization has "
                            + KeyTable.MOST_KEYS
                            + " keys; revoke one that is not needed")));
  }

  @PostMapping(
      path = {"/api-keys/{id}/rotate", "/api-keys/{id}/rotate/"},
      consumes = MediaType.APPLICATION_JSON_VALUE,
      produces = MediaType.APPLICATION_JSON_VALUE)
  ApiKeyView rotate(
      @PathVariable String id,
      @RequestBody(required = false) @Nullable JsonNode body,
      @AuthenticationPrincipal Caller caller,
      HttpServletRequest request) {
    Duration overlap = NewKeyFields.overlap(body);
    KeyEntry key = keys.find(id, caller);
    KeyToken token = KeyToken.rotate(environment, key.id());
    return ApiKeyView.of(
        trail.note(
            Action.KEY_ROTATE,
            key.id(),
            caller,
            request,
            () -> rotate(key, token, overlap, caller, request)),
        token);
  }

  private KeyEntry rotate(
      KeyEntry key, KeyToken token, Duration overlap, Caller caller, HttpServletRequest request) {
    Instant expiresAt = key.expiresAt();
    if (expiresAt != null && !clock.instant().isBefore(expiresAt)) {
      throw ApiError.conflict("The key has expired; make another one");
    }
    Set<Scope> scopes =
        key.scopes().stream()
            .flatMap(label -> Scope.labelled(label).stream())
            .collect(Collectors.toSet());
    OwnKey shown = shown(caller, request);
    requireNoMore(scopes, key.allowedNetworks(), expiresAt, caller, own(shown));
    return keys.change(connection -> KeyTable.rotate(connection, token, overlap, shown))
        .orElseThrow(() -> refused(shown, StoredKeys.notFound()));
  }

  @DeleteMapping(
      path = {"/api-keys/{id}", "/api-keys/{id}/"},
      produces = MediaType.APPLICATION_JSON_VALUE)
  ApiKeyView revoke(
      @PathVariable String id, @AuthenticationPrincipal Caller caller, HttpServletRequest request) {
    KeyEntry key = keys.find(id, caller);
    return ApiKeyView.of(
        trail.note(
            Action.KEY_REVOKE,
            key.id(),
            caller,
            request,
            () -> {
              OwnKey shown = shown(caller, request);
              KeyEntry _ = own(shown);
              return keys.change(connection -> KeyTable.revoke(connection, key.id(), shown))
                  .orElseThrow(() -> refused(shown, StoredKeys.notFound()));
            }));
  }

  private static @Nullable OwnKey shown(Caller caller, HttpServletRequest request) {
    String id = caller.keyId();
    return id == null ? null : new OwnKey(id, KeyToken.sha256(request.getHeader("X-API-Key")));
  }

  /**
   * The caller's own key of the database, or null when there is none.
   *
   * @throws ApiError 401, when it was revoked a moment ago: what is believed for a while may read,
   *     but not make keys that outlive it; 403, when it was rotated
   */
  private @Nullable KeyEntry own(@Nullable OwnKey shown) {
    if (shown == null) return null;
    KeyEntry own = keys.any(shown.id()).orElseThrow(ApiError::unauthenticated);
    if (!keys.stands(shown)) {
      throw ApiError.forbidden("Your own key was rotated or has expired: it changes no keys");
    }
    return own;
  }

  /** Why a change was refused: for this reason, unless the own key has ended meanwhile. */
  private ApiError refused(@Nullable OwnKey shown, ApiError reason) {
    KeyEntry _ = own(shown);
    return reason;
  }

  private static void requireNoMore(
      Set<Scope> scopes,
      List<Network> networks,
      @Nullable Instant expiresAt,
      Caller caller,
      @Nullable KeyEntry own) {
    for (Scope scope : scopes) {
      if (scope == Scope.OPERATOR) {
        throw ApiError.forbidden("The scope operator is given by configuration only");
      }
      if (!caller.scopes().contains(scope)) {
        throw ApiError.forbidden("Your own credential lacks the scope " + scope.label());
      }
    }
    if (own == null) return;
    Instant end = own.expiresAt();
    if (end != null && (expiresAt == null || expiresAt.isAfter(end))) {
      throw ApiError.forbidden("The key would outlive your own, which expires at " + end);
    }
    if (own.allowedNetworks().isEmpty()) return;
    boolean isWithin =
        !networks.isEmpty()
            && networks.stream()
                .allMatch(
                    network ->
                        own.allowedNetworks().stream().anyMatch(wider -> wider.contains(network)));
    if (!isWithin) {
      throw ApiError.forbidden("The key could be used from networks that your own may not use");
    }
  }
}
