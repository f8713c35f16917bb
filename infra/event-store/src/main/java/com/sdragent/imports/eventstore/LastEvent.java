package com.sdragent.imports.eventstore;

import java.util.UUID;

/**
 * The last event of an import. Two stores with a common past use the same number for different
 * events, so only the id tells that a history is still the known one.
 */
public record LastEvent(long sequenceNumber, UUID eventId) {}
