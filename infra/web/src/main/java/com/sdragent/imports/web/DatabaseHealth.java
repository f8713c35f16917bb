package com.sdragent.imports.web;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * Tells whether PostgreSQL answers, in words of its own: Spring's would quote exceptions and hosts.
 */
final class DatabaseHealth implements HealthIndicator {
  private static final int SECONDS = 2;

  private final DataSource database;

  DatabaseHealth(DataSource database) {
    this.database = database;
  }

  @Override
  public Health health() {
    try (Connection connection = database.getConnection()) {
      if (connection.isValid(SECONDS)) return Health.up().build();
    } catch (SQLException e) {
      // The answer below reports it.
    }
    return Health.down().withDetail("problem", "PostgreSQL does not answer").build();
  }
}
