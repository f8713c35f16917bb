package com.sdragent.imports.eventstore.sessions;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Reports the failure in one sentence instead of a stack trace. */
final class CannotStartAnalyzer extends AbstractFailureAnalyzer<CannotStartException> {
  @Override
  protected FailureAnalysis analyze(Throwable failure, CannotStartException cause) {
    return new FailureAnalysis(String.valueOf(cause.getMessage()), null, cause);
  }
}
