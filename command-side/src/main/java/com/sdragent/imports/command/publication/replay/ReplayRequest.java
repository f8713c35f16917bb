package com.sdragent.imports.command.publication.replay;

import com.sdragent.imports.eventstore.EventLog;
import org.jspecify.annotations.Nullable;

/**
 * A private replay as it is asked for.
 *
 * @param toPosition the last position, or null for the last one that exists
 */
public record ReplayRequest(
    String target,
    boolean dryRun,
    long fromPosition,
    @Nullable Long toPosition,
    EventLog.Selection selection,
    int eventsPerSecond) {}
