package com.sdragent.imports.telemetry;

import io.opentelemetry.sdk.trace.SpanLimits;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.opentelemetry.sdk.trace.samplers.Sampler;
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
