package com.sdragent.imports.query.projection.parked;

import com.sdragent.imports.eventstore.RecordedEvent;
import org.jspecify.annotations.Nullable;

/** The place for events that a generation of a projection cannot apply. */
@FunctionalInterface
public interface Parking {
  /** Parks an event, with its error or to wait behind an event that has one. */
  void park(RecordedEvent event, @Nullable String error);
}
