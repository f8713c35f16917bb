package com.sdragent.imports.query.projection.violations;

import com.sdragent.imports.query.imports.ImportFilter;
import org.jspecify.annotations.Nullable;

/** Breaks a boundary on purpose. */
public class MachineryThatKnowsAColumn {
  @Nullable ImportFilter other;
}
