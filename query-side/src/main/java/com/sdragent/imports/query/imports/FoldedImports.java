package com.sdragent.imports.query.imports;

import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.eventstore.RecordedEvent;
import com.sdragent.imports.query.projection.ProjectionStoppedException;
import com.sdragent.imports.query.projection.RecordedEvents;
import com.sdragent.imports.web.ApiError;

/** States of imports that are folded from recorded events for an answer. */
public final class FoldedImports {
  private FoldedImports() {}

  /**
   * The state after one more event. An event that cannot be applied leaves the state as it is, as
   * in the projection that parks it, so that it spoils nothing else of the answer.
   *
   * @throws ApiError 503, when this version does not know the event's type or revision; another
   *     node may know it
   */
  public static ImportState next(ImportState before, RecordedEvent event) {
    try {
      return RecordedEvents.fold(before, event, ImportState::next);
    } catch (ProjectionStoppedException e) {
      throw ApiError.unavailable(
          "This node does not know the event at position " + event.position() + " yet, try again");
    } catch (IllegalStateException e) {
      return before;
    }
  }
}
