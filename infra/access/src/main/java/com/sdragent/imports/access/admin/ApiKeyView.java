package com.sdragent.imports.access.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.sdragent.imports.access.keys.KeyEntry;
import com.sdragent.imports.access.keys.KeyToken;
import com.sdragent.imports.access.keys.Network;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A key, as the API shows it.
 *
 * @param key the key itself, for whoever made or rotated it just now; absent otherwise
 */
@JsonPropertyOrder({
  "id",
  "org_id",
  "name",
  "scopes",
  "allowed_networks",
  "created_at",
  "expires_at",
  "last_used_at",
  "previous_expires_at",
  "key"
})
record ApiKeyView(
    @JsonProperty("id") String id,
    @JsonProperty("org_id") UUID orgId,
    @JsonProperty("name") String name,
    @JsonProperty("scopes") List<String> scopes,
    @JsonProperty("allowed_networks") List<String> allowedNetworks,
    @JsonProperty("created_at") Instant createdAt,
    @JsonProperty("expires_at") @Nullable Instant expiresAt,
    @JsonProperty("last_used_at") @Nullable Instant lastUsedAt,
    @JsonProperty("previous_expires_at") @Nullable Instant previousExpiresAt,
    @JsonProperty("key") @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String key) {

  static ApiKeyView of(KeyEntry entry) {
    return of(entry, null);
  }

  static ApiKeyView of(KeyEntry entry, @Nullable KeyToken token) {
    return new ApiKeyView(
        entry.id(),
        entry.organization(),
        entry.name(),
        entry.scopes(),
        entry.allowedNetworks().stream().map(Network::toString).toList(),
        entry.createdAt(),
        entry.expiresAt(),
        entry.lastUsedAt(),
        entry.previousExpiresAt(),
        token == null ? null : token.secretText());
  }

  /** Leaves out the key, which is a secret. */
  @Override
  public String toString() {
    return "ApiKeyView[" + id + "]";
  }
}
