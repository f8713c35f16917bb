package com.sdragent.imports.command.domain;

import java.time.Instant;
import java.util.UUID;

/**
 * Delete an import for good.
 *
 * @param at when the command was given
 * @param version to which versions this may be done
 */
public record DeleteImport(UUID importId, UUID orgId, Instant at, VersionCondition version)
    implements ImportCommand {}
