package com.sdragent.imports.query.projection.parked;

import com.sdragent.imports.eventstore.RecordedEvent;
import org.jspecify.annotations.Nullable;

/** Where the events go that a generation of a projection cannot take. */
@FunctionalInterface
public interface Parking {
  /** Parks an event, with its error or to wait behind one that has one. */
  void park(RecordedEvent event, @Nullable String error);
}
