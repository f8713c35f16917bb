package com.sdragent.imports.query.projection.rebuild;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** The phases of a rebuild, one after another. */
enum Phase {
  /** Events up to a position are applied import by import, so that each import is written once. */
  LOADING,
  /** Indexes are made. */
  INDEXING,
  /** Later events are applied in their order, until every batch is applied to both generations. */
  CATCHING_UP,
  /** Both generations are compared, chunk by chunk; then the new one is live. */
  COMPARING,
  /** The old generation is emptied. */
  EMPTYING;

  /** The phase's name as it is stored and shown. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<Phase> labelled(String label) {
    return Stream.of(values()).filter(phase -> phase.label().equals(label)).findFirst();
  }
}
