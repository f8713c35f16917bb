package com.sdragent.imports.command.domain;

import java.time.Instant;
import java.util.UUID;
import org.axonframework.modelling.command.TargetAggregateIdentifier;

/**
 * Delete an import for good.
 *
 * @param at when the command was given
 */
public record DeleteImport(@TargetAggregateIdentifier UUID importId, UUID orgId, Instant at) {}
