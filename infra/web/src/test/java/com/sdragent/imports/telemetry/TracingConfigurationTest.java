package com.sdragent.imports.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.trace.Tracer;
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
}
