package com.sdragent.imports.command.publication.parked;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.UUID;

/** An event that an operator left out for good. */
public record DiscardedPublication(
    @JsonProperty("position") long position,
    @JsonProperty("import_id") UUID importId,
    @JsonProperty("discarded_at") Instant discardedAt) {}
