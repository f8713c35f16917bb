package com.sdragent.imports.query.web.violations;

import com.sdragent.imports.eventstore.RecordedEvent;
import org.jspecify.annotations.Nullable;

/** Breaks a boundary on purpose. */
public class ParametersThatKnowAnEvent {
  @Nullable RecordedEvent other;
}
