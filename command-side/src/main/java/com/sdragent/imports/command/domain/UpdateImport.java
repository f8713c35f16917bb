package com.sdragent.imports.command.domain;

import com.sdragent.imports.events.ImportStatus;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Change some fields of an import; null leaves a field that cannot be empty as it is.
 *
 * @param at when the command was given
 * @param version to which versions this may be done
 */
public record UpdateImport(
    UUID importId,
    UUID orgId,
    FieldUpdate<UUID> campaignId,
    @Nullable SourceLabel source,
    FieldUpdate<String> fileName,
    @Nullable ImportStatus status,
    @Nullable Long totalRows,
    Instant at,
    VersionCondition version)
    implements ImportCommand {}
