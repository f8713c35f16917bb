package com.sdragent.imports.access.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** What may be said of several stores. */
class PlacementPropertiesTest {
  private static final String ORGANIZATION = "123e4567-e89b-12d3-a456-426614174000";
  private static final Map<String, String> STORES = Map.of("eu", "https://eu.example", "us", "");

  @Test
  void organizations_are_named_in_files_and_in_environment_variables_alike() {
    var file = new HashMap<String, Object>();
    file.put("imports.placement.store", "eu");
    file.put("imports.placement.others", "us");
    file.put("imports.placement.stores.eu", "https://eu.example");
    file.put("imports.placement.stores.us", "");
    file.put("imports.placement.organizations." + ORGANIZATION, "eu");
    var variables = new HashMap<String, Object>();
    file.forEach(
        (name, value) ->
            variables.put(
                name.replace("-", "").replace(".", "_").toUpperCase(java.util.Locale.ROOT), value));
    for (var source :
        new MapPropertySource[] {
          new MapPropertySource("file", file),
          new SystemEnvironmentPropertySource("systemEnvironment", variables)
        }) {
      var environment = new StandardEnvironment();
      environment.getPropertySources().addFirst(source);
      ConfigurationPropertySources.attach(environment);
      PlacementProperties bound =
          Binder.get(environment).bind("imports.placement", PlacementProperties.class).get();
      assertThat(bound.store()).isEqualTo("eu");
      assertThat(bound.others()).isEqualTo("us");
      assertThat(bound.stores()).isEqualTo(STORES);
      assertThat(bound.placed()).isEqualTo(Map.of(UUID.fromString(ORGANIZATION), "eu"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    ",   us, " + ORGANIZATION + ", us, imports.placement.store is missing",
    "de, us, " + ORGANIZATION + ", us, 'imports.placement.store is de, which is no store'",
    "eu, de, " + ORGANIZATION + ", us, 'imports.placement.others is de, which is no store'",
    "eu, us, " + ORGANIZATION + ", de, set imports.placement.stores.de",
    "eu, us, 123e4567, us, 'imports.placement.organizations.123e4567 does not name an organization'"
  })
  void what_names_no_store_or_no_organization_is_refused(
      @Nullable String store, String others, String organization, String at, String message) {
    assertThatThrownBy(
            () -> new PlacementProperties(store, others, Map.of(organization, at), STORES))
        .hasMessageContaining(message);
  }

  @Test
  void an_organization_that_is_named_twice_is_refused() {
    var twice =
        Map.of(
            ORGANIZATION,
            "eu",
            ORGANIZATION.replace("-", "").toUpperCase(java.util.Locale.ROOT),
            "us");
    assertThatThrownBy(() -> new PlacementProperties("eu", null, twice, STORES))
        .hasMessageContaining("one organization twice");
  }

  @ParameterizedTest
  @CsvSource({
    "eu, ftp://eu.example",
    "eu, eu.example",
    "eu, https://eu.example/?a=b",
    "eu, https://user@eu.example",
    "EU, https://eu.example",
    "e-u, https://eu.example"
  })
  void a_store_has_a_plain_name_and_an_address(String name, String address) {
    assertThatThrownBy(() -> new PlacementProperties(name, null, Map.of(), Map.of(name, address)))
        .hasMessageContaining("imports.placement.stores." + name + " must be");
  }
}
