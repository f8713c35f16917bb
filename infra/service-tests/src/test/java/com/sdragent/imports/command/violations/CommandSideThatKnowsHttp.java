package com.sdragent.imports.command.violations;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/** Breaks a boundary on purpose. */
public class CommandSideThatKnowsHttp {
  @Nullable HttpStatus status;
}
