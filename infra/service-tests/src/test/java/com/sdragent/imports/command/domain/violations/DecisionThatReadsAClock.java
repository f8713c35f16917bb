package com.sdragent.imports.command.domain.violations;

import java.time.Instant;

/** Breaks a boundary on purpose. */
public class DecisionThatReadsAClock {
  Instant decide() {
    return Instant.now();
  }
}
