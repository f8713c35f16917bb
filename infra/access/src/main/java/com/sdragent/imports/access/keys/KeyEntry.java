package com.sdragent.imports.access.keys;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A key that is not revoked, without its secret.
 *
 * @param allowedNetworks from where it may be used; from everywhere when there are none
 * @param expiresAt until when it works, or null
 * @param lastUsedAt the hour in which it was last used, or null
 * @param previousExpiresAt until when the key before the last rotation works, or null
 */
public record KeyEntry(
    String id,
    UUID organization,
    String name,
    List<String> scopes,
    List<Network> allowedNetworks,
    Instant createdAt,
    @Nullable Instant expiresAt,
    @Nullable Instant lastUsedAt,
    @Nullable Instant previousExpiresAt) {}
