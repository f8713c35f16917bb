package com.sdragent.imports.access;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sdragent.imports.access.placement.Placement;
import com.sdragent.imports.access.placement.PlacementProperties;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** What a node does that starts while PostgreSQL is away. */
class PlacementStartTest {
  private static final JdbcTemplate AWAY =
      new JdbcTemplate(new DriverManagerDataSource("jdbc:postgresql://localhost:1/imports"));

  @Test
  void a_node_with_a_name_does_not_start_unless_it_knows_its_store() {
    assertThatThrownBy(start(new PlacementProperties("eu", "eu", Map.of(), Map.of("eu", "")))::run)
        .hasMessageContaining("imports.placement.store")
        .hasMessageContaining("start this node again");
  }

  @Test
  void a_node_without_a_name_starts() {
    assertThatCode(start(new PlacementProperties(null, null, Map.of(), Map.of()))::run)
        .doesNotThrowAnyException();
  }

  private static Runnable start(PlacementProperties properties) {
    SmartInitializingSingleton start =
        new AccessConfiguration().startOnTheRightStore(new Placement(properties, AWAY));
    return start::afterSingletonsInstantiated;
  }
}
