package com.sdragent.imports.telemetry;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.AutoConfigurationImportFilter;
import org.springframework.boot.autoconfigure.AutoConfigurationMetadata;
import org.springframework.context.EnvironmentAware;
import org.springframework.core.env.Environment;

/**
 * Leaves out all that traces while {@code management.tracing.export.enabled} is not true. Spring
 * Boot would make spans of each request, and send them nowhere.
 */
final class TracingOnRequest implements AutoConfigurationImportFilter, EnvironmentAware {
  static final String ENABLED = "management.tracing.export.enabled";

  private boolean isOn;

  @Override
  public void setEnvironment(Environment environment) {
    isOn = environment.getProperty(ENABLED, Boolean.class, false);
  }

  @Override
  public boolean[] match(@Nullable String[] classes, AutoConfigurationMetadata metadata) {
    var matches = new boolean[classes.length];
    for (int i = 0; i < classes.length; i++) {
      String name = classes[i];
      matches[i] = isOn || name == null || !traces(name);
    }
    return matches;
  }

  private static boolean traces(String name) {
    return name.startsWith("org.springframework.boot.micrometer.tracing.")
        || name.startsWith("org.springframework.boot.opentelemetry.");
  }
}
