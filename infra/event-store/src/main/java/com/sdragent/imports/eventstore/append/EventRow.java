package com.sdragent.imports.eventstore.append;

import java.time.Instant;
import java.util.UUID;
import org.axonframework.eventhandling.EventMessage;

/**
 * An event as its row will be, except for the position and the hash.
 *
 * @param digest the digest of all the rest, for the hash chain; it is read and never changed
 * @param message what it was made of
 */
@SuppressWarnings("ArrayRecordComponent")
public record EventRow(
    UUID aggregateId,
    long sequenceNumber,
    UUID eventId,
    String type,
    int revision,
    UUID organization,
    Instant occurredAt,
    String payload,
    String metadata,
    byte[] digest,
    EventMessage<?> message) {}
