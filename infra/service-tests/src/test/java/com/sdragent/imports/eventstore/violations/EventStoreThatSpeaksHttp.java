package com.sdragent.imports.eventstore.violations;

import com.sdragent.imports.web.ApiError;

/** Breaks a boundary on purpose. */
public class EventStoreThatSpeaksHttp {
  final ApiError error = ApiError.notFound("An event");
}
