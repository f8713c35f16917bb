package com.sdragent.imports.telemetry;

import io.micrometer.observation.Observation;
import io.micrometer.observation.transport.ReceiverContext;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.handler.DefaultTracingObservationHandler;
import io.micrometer.tracing.handler.PropagatingReceiverTracingObservationHandler;
import io.micrometer.tracing.propagation.Propagator;
import io.opentelemetry.sdk.trace.SpanLimits;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.micrometer.tracing.autoconfigure.TracingProperties;
import org.springframework.boot.micrometer.tracing.opentelemetry.autoconfigure.SdkTracerProviderBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What Spring Boot's tracing does not know of this service; only while tracing is on. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnBooleanProperty(TracingOnRequest.ENABLED)
public class TracingConfiguration {
  /** As many as the largest batch has events. */
  private static final int MOST_LINKS = 2000;

  @Bean
  Sampler sampler(TracingProperties properties) {
    double share = properties.getSampling().getProbability();
    return new LinkedSampler(Sampler.parentBased(Sampler.traceIdRatioBased(share)));
  }

  @Bean
  SdkTracerProviderBuilderCustomizer linksOfBatches() {
    return tracing ->
        tracing.setSpanLimits(SpanLimits.builder().setMaxNumberOfLinks(MOST_LINKS).build());
  }

  /** Spans of requests. */
  @Bean
  PropagatingReceiverTracingObservationHandler<ReceiverContext<?>> requests(
      Tracer tracer, Propagator propagator) {
    return new PropagatingReceiverTracingObservationHandler<>(tracer, propagator) {
      @Override
      public void onError(ReceiverContext<?> request) {
        name(request.getError(), getRequiredSpan(request));
      }
    };
  }

  /** Spans of what else Spring observes. */
  @Bean
  DefaultTracingObservationHandler others(Tracer tracer) {
    return new DefaultTracingObservationHandler(tracer) {
      @Override
      public void onError(Observation.Context observed) {
        name(observed.getError(), getRequiredSpan(observed));
      }
    };
  }

  /** An error's text may quote a statement or what a client sent, so a span has its class alone. */
  private static void name(@Nullable Throwable error, Span span) {
    if (error != null) span.tag("error.type", error.getClass().getName());
  }

  @Bean
  SmartInitializingSingleton somewhereToSendTracesTo(ObjectProvider<SpanExporter> exporters) {
    return () -> {
      if (exporters.stream().findAny().isPresent()) return;
      throw new IllegalArgumentException(
          TracingOnRequest.ENABLED
              + " is true, but there is nowhere to send traces to: set"
              + " management.opentelemetry.tracing.export.otlp.endpoint to the address of a"
              + " collector, such as http://collector:4318/v1/traces");
    };
  }
}
