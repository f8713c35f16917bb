package com.sdragent.imports.query.projection.rebuild;

import com.sdragent.imports.query.projection.Projection;

/**
 * Empties the old generation. Only other programs still read it; for those, the step waits a
 * little.
 */
final class Emptying implements PhaseStep {
  private final Projection<?> projection;

  Emptying(Projection<?> projection) {
    this.projection = projection;
  }

  @Override
  public Outcome take(Place place, boolean oneByOne) {
    projection.empty(place.generation() - 1);
    return Outcome.done("state = 'completed', finished_at = clock_timestamp()");
  }
}
