package com.sdragent.imports.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.transport.ReceiverContext;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

class TracingConfigurationTest {
  private final ApplicationContextRunner node =
      new ApplicationContextRunner().withUserConfiguration(Node.class);

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
  @Import(TracingConfiguration.class)
  static class Node {}

  @Test
  void nothing_is_traced_until_somebody_asks_for_it() {
    node.run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(Tracer.class));
    node.withPropertyValues(
            "management.tracing.export.enabled=true",
            "management.opentelemetry.tracing.export.otlp.endpoint=http://localhost:4318/v1/traces")
        .run(context -> assertThat(context).hasNotFailed().hasSingleBean(Tracer.class));
  }

  @Test
  void traces_without_a_collector_are_refused_with_the_setting_that_names_one() {
    node.withPropertyValues("management.tracing.export.enabled=true")
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .hasMessageContaining(
                        "set management.opentelemetry.tracing.export.otlp.endpoint to the"
                            + " address"));
  }

  @Test
  void a_span_names_the_class_of_an_error_and_nothing_that_it_says() {
    var ended = new CopyOnWriteArrayList<SpanData>();
    node.withPropertyValues(
            "management.tracing.export.enabled=true",
            "management.tracing.sampling.probability=1",
            "management.opentelemetry.tracing.export.otlp.endpoint=http://localhost:4318/v1/traces")
        .withBean(SpanProcessor.class, () -> new Kept(ended))
        .run(
            context -> {
              var observations = context.getBean(ObservationRegistry.class);
              var error = new IllegalStateException("select 'leads.csv'");
              var request = new ReceiverContext<Map<String, String>>(Map::get);
              request.setCarrier(Map.of());
              for (var observed : List.of(request, new Observation.Context())) {
                Observation.start("of a test", () -> observed, observations).error(error).stop();
              }
            });
    assertThat(ended)
        .hasSize(2)
        .allSatisfy(
            span ->
                assertThat(span.toString())
                    .contains("error.type=java.lang.IllegalStateException")
                    .doesNotContain("leads.csv"));
  }

  /** Keeps the spans that end. */
  private record Kept(List<SpanData> ended) implements SpanProcessor {
    @Override
    public void onStart(Context parent, ReadWriteSpan span) {}

    @Override
    public boolean isStartRequired() {
      return false;
    }

    @Override
    public void onEnd(ReadableSpan span) {
      ended.add(span.toSpanData());
    }

    @Override
    public boolean isEndRequired() {
      return true;
    }
  }
}
