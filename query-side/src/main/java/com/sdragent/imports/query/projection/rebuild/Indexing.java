package com.sdragent.imports.query.projection.rebuild;

import com.sdragent.imports.query.projection.Projection;

/** Makes the indexes of the loaded rows, one after another. */
final class Indexing implements PhaseStep {
  private final Projection<?> projection;

  Indexing(Projection<?> projection) {
    this.projection = projection;
  }

  @Override
  public Outcome take(Place place, boolean oneByOne) {
    return projection.index(place.generation())
        ? Outcome.done("phase = ?", Phase.INDEXING.label())
        : Outcome.done("phase = ?, loaded_at = clock_timestamp()", Phase.CATCHING_UP.label());
  }
}
