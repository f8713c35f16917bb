package com.sdragent.imports.query.view;

import com.sdragent.imports.eventstore.RecordedEvent;
import org.jspecify.annotations.Nullable;

/** Where the events go that a generation of the read model cannot take. */
@FunctionalInterface
interface Parking {
  /** Parks an event, with its error or to wait behind one that has one. */
  void park(RecordedEvent event, @Nullable String error);
}
