package com.sdragent.imports.query.imports.violations;

import com.sdragent.imports.query.projection.rebuild.Rebuilds;
import org.jspecify.annotations.Nullable;

/** Breaks a boundary on purpose. */
public class ReadModelThatRebuildsItself {
  @Nullable Rebuilds other;
}
