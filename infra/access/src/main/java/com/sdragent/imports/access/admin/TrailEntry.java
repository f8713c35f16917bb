package com.sdragent.imports.access.admin;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Who did what, as the API shows it.
 *
 * @param orgId the organization of the actor's credential
 * @param actorKind key, token, or login for a login role of the database
 * @param keyId the key of the database that let the actor in, or null
 * @param target what it was done to
 * @param outcome done, refused, failed or unknown
 * @param reason what the actor was told, or null
 */
@JsonPropertyOrder({
  "id",
  "time",
  "org_id",
  "actor",
  "actor_kind",
  "key_id",
  "request_id",
  "action",
  "target",
  "outcome",
  "reason"
})
record TrailEntry(
    @JsonProperty("id") long id,
    @JsonProperty("time") Instant time,
    @JsonProperty("org_id") UUID orgId,
    @JsonProperty("actor") String actor,
    @JsonProperty("actor_kind") String actorKind,
    @JsonProperty("key_id") @Nullable String keyId,
    @JsonProperty("request_id") @Nullable String requestId,
    @JsonProperty("action") String action,
    @JsonProperty("target") String target,
    @JsonProperty("outcome") String outcome,
    @JsonProperty("reason") @Nullable String reason) {}
