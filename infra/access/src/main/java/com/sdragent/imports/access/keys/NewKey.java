package com.sdragent.imports.access.keys;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What is decided of a key when it is made, and never changed. */
public record NewKey(
    UUID organization,
    String name,
    List<String> scopes,
    List<Network> allowedNetworks,
    @Nullable Instant expiresAt) {}
