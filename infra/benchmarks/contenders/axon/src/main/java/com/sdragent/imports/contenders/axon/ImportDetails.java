package com.sdragent.imports.contenders.axon;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** An import as it is answered. */
record ImportDetails(
    UUID id,
    UUID orgId,
    @Nullable UUID campaignId,
    String source,
    @Nullable String fileName,
    String status,
    long totalRows,
    Instant createdAt,
    Instant updatedAt) {}
