package com.sdragent.imports.command.domain;

import com.sdragent.imports.events.ImportStatus;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Create an import.
 *
 * @param importId an id that was never used
 * @param at when the command was given
 */
public record CreateImport(
    UUID importId,
    UUID orgId,
    @Nullable UUID campaignId,
    SourceLabel source,
    @Nullable String fileName,
    ImportStatus status,
    long totalRows,
    Instant at)
    implements ImportCommand {}
