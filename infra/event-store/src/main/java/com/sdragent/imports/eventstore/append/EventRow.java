package com.sdragent.imports.eventstore.append;

import java.util.UUID;

/**
 * An event as its row will be, but for the position and the hash.
 *
 * @param digest of all the rest, for the hash chain; read, never changed
 */
@SuppressWarnings("ArrayRecordComponent")
public record EventRow(
    UUID aggregateId,
    long sequenceNumber,
    UUID eventId,
    String type,
    int revision,
    UUID organization,
    String occurredAt,
    String payload,
    String metadata,
    byte[] digest) {}
