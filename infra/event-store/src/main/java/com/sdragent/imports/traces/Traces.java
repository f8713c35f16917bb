package com.sdragent.imports.traces;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The spans of what the service does for requests, beside those of the requests themselves. A trace
 * is named by a {@code traceparent}, as in <a
 * href="https://www.w3.org/TR/trace-context/#traceparent-header">W3C Trace Context</a>. While
 * tracing is off, a call costs a comparison.
 */
public final class Traces {
  /** No traces. */
  public static final Traces OFF = new Traces(null);

  private static final String TRACE_PARENT = "traceparent";

  /** The only field is the text itself. */
  private static final TextMapGetter<String> TEXT =
      new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(String parent) {
          return List.of(TRACE_PARENT);
        }

        @Override
        public @Nullable String get(@Nullable String parent, String key) {
          return key.equals(TRACE_PARENT) ? parent : null;
        }
      };

  private final @Nullable Tracer tracer;

  /** Traces by this tracer, or none without it. */
  public Traces(@Nullable Tracer tracer) {
    this.tracer = tracer;
  }

  /** Whether tracing is on. */
  public boolean areOn() {
    return tracer != null;
  }

  /**
   * Begins a step of the request that this thread is busy with. Until it is closed, by this thread,
   * other steps are parts of it.
   */
  public Step step(String name) {
    return tracer == null ? Step.NONE : new Step(tracer.spanBuilder(name).startSpan());
  }

  /**
   * Begins something that is done for many requests at once: a span of its own, with links to
   * theirs. There is one if at least one of the requests is recorded.
   *
   * @param begun when it began
   * @param parents the traceparents of the requests' spans; a null is of none
   */
  public SharedWork shared(
      String name, SpanKind kind, Instant begun, Stream<? extends @Nullable String> parents) {
    if (tracer == null) return SharedWork.NONE;
    var recorded = new LinkedHashMap<String, SpanContext>();
    parents.filter(Objects::nonNull).distinct().forEach(parent -> add(recorded, parent));
    if (recorded.isEmpty()) return SharedWork.NONE;
    var span = tracer.spanBuilder(name).setNoParent().setSpanKind(kind).setStartTimestamp(begun);
    recorded.values().forEach(span::addLink);
    return new SharedWork(tracer, kind, begun, span.startSpan(), recorded);
  }

  private static void add(Map<String, SpanContext> recorded, String parent) {
    SpanContext context =
        Span.fromContext(
                W3CTraceContextPropagator.getInstance().extract(Context.root(), parent, TEXT))
            .getSpanContext();
    if (context.isSampled()) recorded.put(parent, context);
  }

  static String traceParent(Span span) {
    SpanContext context = span.getSpanContext();
    return String.join(
        "-", "00", context.getTraceId(), context.getSpanId(), context.getTraceFlags().asHex());
  }
}
