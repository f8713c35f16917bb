package com.sdragent.imports.standalone;

import com.sdragent.imports.embedded.ServerStartException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalysisReporter;
import org.springframework.boot.diagnostics.FailureAnalyzer;

/** Tells why the service did not start in one line, instead of a stack trace. */
final class StartFailures implements FailureAnalyzer, FailureAnalysisReporter {

  @Override
  public @Nullable FailureAnalysis analyze(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof ServerStartException
          || cause instanceof DemoExposedException
          || isAboutASetting(cause)) {
        return new FailureAnalysis(String.valueOf(cause.getMessage()), null, cause);
      }
    }
    return null;
  }

  /**
   * Whether a setting is wrong: the service's own records of settings name the property and the fix
   * themselves.
   */
  private static boolean isAboutASetting(Throwable cause) {
    String message = String.valueOf(cause.getMessage());
    return cause instanceof IllegalArgumentException
        && (message.startsWith("imports.") || message.startsWith("management."));
  }

  @Override
  public void report(FailureAnalysis analysis) {
    String action = analysis.getAction();
    String line = analysis.getDescription() + (action == null ? "" : " " + action);
    System.err.println(
        "The imports service did not start. " + line.replaceAll("\\s+", " ").strip());
  }
}
