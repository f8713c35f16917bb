package com.sdragent.imports.query.history;

import com.sdragent.imports.events.ImportEvent;
import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.eventstore.RecordedEvent;
import java.util.Optional;

/** Folds recorded events, so that what cannot be applied spoils nothing else of the answer. */
final class Fold {
  private Fold() {}

  /**
   * The state after one more event. One that this version does not know, that cannot be read or
   * that cannot follow leaves the state as it is, as the projection does that parks it.
   */
  static ImportState after(ImportState before, RecordedEvent event) {
    try {
      Optional<ImportEvent> known = event.event();
      return known.isPresent() ? before.after(known.get()) : before;
    } catch (RuntimeException e) {
      return before;
    }
  }
}
