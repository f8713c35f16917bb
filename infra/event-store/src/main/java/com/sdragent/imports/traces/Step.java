package com.sdragent.imports.traces;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Scope;
import org.jspecify.annotations.Nullable;

/** A step of a request. It ends when it is closed, by the thread that began it. */
public final class Step implements AutoCloseable {
  static final Step NONE = new Step(null);

  private final @Nullable Span span;
  private final Scope scope;

  @SuppressWarnings("MustBeClosedChecker") // it is closed with the step
  Step(@Nullable Span span) {
    this.span = span;
    scope = span == null ? Scope.noop() : span.makeCurrent();
  }

  /** What others name as the parent of what they do for this step; null while tracing is off. */
  public @Nullable String traceParent() {
    return span == null ? null : Traces.traceParent(span);
  }

  /**
   * Notes that the step fails with this. Messages may quote what a client sent, so none is kept.
   */
  public void failed(Throwable reason) {
    if (span != null) span.setStatus(StatusCode.ERROR, reason.getClass().getSimpleName());
  }

  @Override
  public void close() {
    scope.close();
    if (span != null) span.end();
  }
}
