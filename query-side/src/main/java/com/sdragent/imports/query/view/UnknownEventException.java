package com.sdragent.imports.query.view;

/** An event is of a type or revision that this version does not know: the node is too old. */
public final class UnknownEventException extends ProjectionStoppedException {
  private static final long serialVersionUID = 1L;

  /** At this position. */
  public UnknownEventException(long position) {
    super(
        "The event at position "
            + position
            + " has a type or revision that this version does not know: upgrade this node");
  }
}
