package com.sdragent.imports.traces;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something that is done for many requests at once, until it is closed. In the trace of each
 * request that is recorded, it may have a span for its part.
 */
public final class SharedWork implements AutoCloseable {
  static final SharedWork NONE =
      new SharedWork(null, SpanKind.INTERNAL, Instant.EPOCH, Span.getInvalid(), Map.of());

  private final @Nullable Tracer tracer;
  private final SpanKind kind;
  private final Instant begun;
  private final Span whole;
  private final Map<String, SpanContext> parents;
  private final Map<String, Span> parts = new HashMap<>();

  SharedWork(
      @Nullable Tracer tracer,
      SpanKind kind,
      Instant begun,
      Span whole,
      Map<String, SpanContext> parents) {
    this.tracer = tracer;
    this.kind = kind;
    this.begun = begun;
    this.whole = whole;
    this.parents = parents;
  }

  /** Whether any request is recorded. */
  public boolean isRecorded() {
    return tracer != null;
  }

  /** Notes a number. */
  public SharedWork with(String name, long value) {
    whole.setAttribute(name, value);
    return this;
  }

  /** Notes a text, which may be no secret and no personal data. */
  public SharedWork with(String name, String value) {
    whole.setAttribute(name, value);
    return this;
  }

  /** Begins the part of each request that is recorded. All end together with the whole. */
  public SharedWork inParts(String name) {
    Tracer recording = tracer;
    if (recording == null) return this;
    parents.forEach(
        (parent, context) ->
            parts.put(
                parent,
                recording
                    .spanBuilder(name)
                    .setParent(Context.root().with(Span.wrap(context)))
                    .setSpanKind(kind)
                    .setStartTimestamp(begun)
                    .addLink(whole.getSpanContext())
                    .startSpan()));
    return this;
  }

  /**
   * What others name as the parent of what they do for a request's part.
   *
   * @param parent as the request was named
   * @return the part's traceparent, or null when the request is not recorded
   */
  public @Nullable String traceParent(@Nullable String parent) {
    Span part = parent == null ? null : parts.get(parent);
    return part == null ? null : Traces.traceParent(part);
  }

  /** Notes that it fails with this, whose message is not kept. */
  public void failed(Throwable reason) {
    whole.setStatus(StatusCode.ERROR, reason.getClass().getSimpleName());
    parts
        .values()
        .forEach(part -> part.setStatus(StatusCode.ERROR, reason.getClass().getSimpleName()));
  }

  @Override
  public void close() {
    parts.values().forEach(Span::end);
    whole.end();
  }
}
