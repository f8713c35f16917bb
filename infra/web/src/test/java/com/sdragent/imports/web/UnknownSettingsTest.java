package com.sdragent.imports.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** Settings that were mistyped are named, and nothing else is. */
class UnknownSettingsTest {

  @ParameterizedTest
  @CsvSource({
    "imports.qeury.max-wait, imports.query.max-wait",
    "imports.query.maxwait.x, imports.query.max-wait",
    "imports.access.api-keys[0].organisation, imports.access.api-keys[n].organization",
    "imports.relay.event-topic, imports.relay.events-topic",
  })
  void a_property_that_there_is_not_is_named_with_the_nearest(String name, String nearest) {
    assertThat(UnknownSettings.advices(new MapPropertySource("file", Map.of(name, "1"))))
        .containsExactly(
            Map.entry(
                name,
                name
                    + " is no setting of this service and has no effect; the nearest is "
                    + nearest));
  }

  @ParameterizedTest
  @CsvSource({
    "IMPORTS_QEURY_MAXWAIT, imports.query.max-wait",
    "IMPORTS_ACCESS_APIKEYS_0_KEYS, imports.access.api-keys[n].key",
    "IMPORTS_STANDALONE_POSTGRE_PORT, imports.standalone.postgres-port",
  })
  void so_is_a_variable_of_the_environment(String name, String nearest) {
    assertThat(UnknownSettings.advices(environment(name)).get(name))
        .endsWith("the nearest is " + nearest);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "imports.query.max-wait",
        "imports.query.maxWait",
        "imports.access.api-keys[0].key",
        "imports.access.api-keys[12].scopes[1]",
        "imports.access.limits.organizations[0].per-key.requests",
        "imports.web.cors.allowed-origins[0]",
        "imports.events.written-revisions.ImportCreated",
        "imports.placement.organizations.123e4567-e89b-12d3-a456-426614174000",
        "imports.placement.stores.eu",
        "spring.datasource.url",
        "other"
      })
  void what_there_is_and_what_is_of_others_is_not_named(String name) {
    assertThat(UnknownSettings.advices(new MapPropertySource("file", Map.of(name, "1")))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "IMPORTS_QUERY_MAXWAIT",
        "IMPORTS_QUERY_MAX_WAIT",
        "IMPORTS_STANDALONE_POSTGRESPORT",
        "IMPORTS_STANDALONE_POSTGRES_PORT",
        "IMPORTS_ACCESS_APIKEYS_0_KEY",
        "IMPORTS_ACCESS_API_KEYS_0_SCOPES_1",
        "IMPORTS_EVENTS_WRITTENREVISIONS_IMPORTCREATED",
        "IMPORTS_PLACEMENT_ORGANIZATIONS_123E4567E89B12D3A456426614174000",
        "IMPORTS_PLACEMENT_STORES_EU",
        "IMPORTS_API_KEY",
        "IMPORTS_SERVICE",
        "IMPORTS_COMMAND_SERVICE_HOST",
        "IMPORTS_COMMAND_SERVICE_PORT_HTTP",
        "IMPORTS_COMMAND_PORT_8080_TCP_ADDR",
        "PATH"
      })
  void nor_are_such_variables(String name) {
    assertThat(UnknownSettings.advices(environment(name))).isEmpty();
  }

  @Test
  void a_variable_that_kubernetes_gives_for_a_service_is_known_by_its_value() {
    var given =
        new SystemEnvironmentPropertySource(
            "environment", Map.of("IMPORTS_PORT", "tcp://10.0.0.1:8080"));
    assertThat(UnknownSettings.advices(given)).isEmpty();
    assertThat(UnknownSettings.advices(environment("IMPORTS_PORT"))).hasSize(1);
  }

  private static SystemEnvironmentPropertySource environment(String name) {
    return new SystemEnvironmentPropertySource("environment", Map.of(name, "1"));
  }
}
