package com.sdragent.imports.web;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * Tells whether PostgreSQL answers, in words of its own: Spring's would quote exceptions and hosts.
 */
final class DatabaseHealth implements HealthIndicator {
  private static final int SECONDS = 2;

  private final List<DataSource> pools;

  /**
   * @param pools all that requests need
   */
  DatabaseHealth(List<DataSource> pools) {
    this.pools = pools;
  }

  @Override
  public Health health() {
    if (pools.stream().allMatch(DatabaseHealth::answers)) return Health.up().build();
    return Health.down().withDetail("problem", "PostgreSQL does not answer").build();
  }

  private static boolean answers(DataSource pool) {
    try (Connection connection = pool.getConnection()) {
      return connection.isValid(SECONDS);
    } catch (SQLException e) {
      return false;
    }
  }
}
