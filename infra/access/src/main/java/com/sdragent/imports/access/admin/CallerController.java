package com.sdragent.imports.access.admin;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.sdragent.imports.access.Caller;
import com.sdragent.imports.access.Scope;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Tells callers what the service takes them for, on every node. */
@RestController
class CallerController {

  /**
   * A caller, as it is told.
   *
   * @param actor the name of the API key or the subject of the token
   * @param actorKind which of the two it is
   * @param keyId the key of the database that let the caller in, or null
   * @param scopes what the credential allows, in the order of the document
   */
  @JsonPropertyOrder({"org_id", "actor", "actor_kind", "key_id", "scopes"})
  record Told(
      @JsonProperty("org_id") UUID orgId,
      @JsonProperty("actor") String actor,
      @JsonProperty("actor_kind") String actorKind,
      @JsonProperty("key_id") @Nullable String keyId,
      @JsonProperty("scopes") List<String> scopes) {}

  @GetMapping(
      path = {"/caller", "/caller/"},
      produces = MediaType.APPLICATION_JSON_VALUE)
  ResponseEntity<Told> tell(@AuthenticationPrincipal Caller caller) {
    return ResponseEntity.ok()
        // It is about the credential and not about the address.
        .header(HttpHeaders.CACHE_CONTROL, "no-store")
        .body(
            new Told(
                caller.organization(),
                caller.actor(),
                caller.kind().label(),
                caller.keyId(),
                caller.scopes().stream().sorted().map(Scope::label).toList()));
  }
}
