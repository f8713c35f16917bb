package com.sdragent.imports.query.projection;

import com.sdragent.imports.eventstore.RecordedEvent;

/** Going on would make rows wrong, so somebody has to decide. The message says what to do. */
public final class ProjectionStoppedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ProjectionStoppedException(String message) {
    super(message);
  }

  /** This version does not know the event's type or revision: the node is too old. */
  public static ProjectionStoppedException unknown(RecordedEvent event) {
    return new ProjectionStoppedException(whyUnknown(event));
  }

  /** The message for the operator of a node that is too old for this event. */
  public static String whyUnknown(RecordedEvent event) {
    return "The event at position "
        + event.position()
        + " has a type or revision that this version does not know: upgrade this node";
  }
}
