package com.sdragent.imports.query.projection.rebuild;

/** How a phase goes on, step by step: some events or rows, or one whole index. */
@FunctionalInterface
interface PhaseStep {
  /**
   * Takes one step within the caller's transaction, which also notes how far it came.
   *
   * @param oneByOne whether each event is stored by itself, because some row was refused
   */
  Outcome take(Place place, boolean oneByOne);
}
