package com.sdragent.imports.command.violations;

import com.sdragent.imports.query.violations.OtherHalfOfACycle;
import org.jspecify.annotations.Nullable;

/** Breaks a boundary on purpose. */
public class HalfOfACycle {
  @Nullable OtherHalfOfACycle other;
}
