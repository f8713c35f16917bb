package com.sdragent.imports.query.projection.violations;

import com.sdragent.imports.web.ApiError;
import org.jspecify.annotations.Nullable;

/** Breaks a boundary on purpose. */
public class MachineryThatAnswersRequests {
  @Nullable ApiError other;
}
