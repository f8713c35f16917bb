package com.sdragent.imports.eventstore.append;

import java.time.Instant;
import java.util.UUID;

/**
 * An event as its row will be, except for the position and the hash.
 *
 * @param digest the digest of all the rest, for the hash chain; it is read and never changed
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
    byte[] digest) {}
