package com.sdragent.imports.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.MapPropertySource;

/** Who is let in, and where that is allowed. */
class StandaloneInitializerTest {
  private static final String ANYWHERE = "0.0.0.0";
  private static final String KEY = "imports.access.api-keys[0].key";

  @Test
  void the_demo_is_let_in_on_loopback_alone() {
    try (var context = context(Map.of("server.address", "127.0.0.1"))) {
      StandaloneInitializer.admitDemo(context);
      assertThat(context.containsBeanDefinition(DemoAccess.class.getName())).isTrue();
      assertThat(context.getEnvironment().getProperty(KEY)).isEqualTo(DemoAccess.API_KEY);
    }
    try (var context =
        context(Map.of("server.address", "127.0.0.1", "management.server.port", "-1"))) {
      StandaloneInitializer.admitDemo(context);
      assertThat(context.getEnvironment().getProperty(KEY)).as("no port, no address").isNotNull();
    }
    try (var context = context(Map.of("server.address", ANYWHERE))) {
      assertThatThrownBy(() -> StandaloneInitializer.admitDemo(context))
          .isInstanceOf(DemoExposedException.class)
          .hasMessageContaining("everybody knows the demo key")
          .satisfies(
              e ->
                  assertThat(new StartFailures().analyze(e))
                      .extracting(FailureAnalysis::getDescription)
                      .isEqualTo(e.getMessage()));
      assertThat(context.getEnvironment().getProperty(KEY)).isNull();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {KEY, "spring.security.oauth2.resourceserver.jwt.issuer-uri"})
  void with_a_key_or_an_issuer_of_its_own_it_listens_anywhere_and_keeps_the_demo_out(String own) {
    try (var context = context(Map.of("server.address", ANYWHERE, own, "https://mine"))) {
      StandaloneInitializer.admitDemo(context);
      assertThat(context.containsBeanDefinition(DemoAccess.class.getName())).isFalse();
      assertThat(context.getEnvironment().getProperty(KEY)).isNotEqualTo(DemoAccess.API_KEY);
    }
  }

  private static GenericApplicationContext context(Map<String, Object> settings) {
    var context = new GenericApplicationContext();
    context
        .getEnvironment()
        .getPropertySources()
        .addFirst(new MapPropertySource("settings", new HashMap<>(settings)));
    return context;
  }
}
