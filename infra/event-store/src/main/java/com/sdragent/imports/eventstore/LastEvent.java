package com.sdragent.imports.eventstore;

import java.util.UUID;

/**
 * The last event of an import. Two stores with a common past tell the same number of different
 * events, so only the id says that a history is still the one that somebody knew.
 */
public record LastEvent(long sequenceNumber, UUID eventId) {}
