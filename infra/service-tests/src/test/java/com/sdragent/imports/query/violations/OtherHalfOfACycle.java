package com.sdragent.imports.query.violations;

import com.sdragent.imports.command.violations.HalfOfACycle;
import org.jspecify.annotations.Nullable;

/** Breaks a boundary on purpose. */
public class OtherHalfOfACycle {
  @Nullable HalfOfACycle other;
}
