package com.sdragent.imports.command.domain;

import java.time.Instant;
import java.util.UUID;

/**
 * Delete an import for good.
 *
 * @param at when the command was given
 */
public record DeleteImport(UUID importId, UUID orgId, Instant at) implements ImportCommand {}
