package com.sdragent.imports.command.publication.parked;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An event that could not be published. The later ones of its import wait.
 *
 * @param error why, or null when the import is being published from here on
 * @param attempts how often the event was tried
 */
public record ParkedPublication(
    @JsonProperty("position") long position,
    @JsonProperty("event_id") UUID eventId,
    @JsonProperty("import_id") UUID importId,
    @JsonProperty("error") @Nullable String error,
    @JsonProperty("attempts") int attempts,
    @JsonProperty("parked_at") Instant parkedAt) {}
