package com.sdragent.imports.eventstore.append;

import java.util.UUID;

/** An event that was seen at a position, which is no proof that it is still there. */
public record SeenEvent(long position, UUID eventId) {}
