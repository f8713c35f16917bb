package com.sdragent.imports.eventstore;

import com.sdragent.imports.eventstore.sessions.DedicatedConnections;
import com.sdragent.imports.eventstore.sessions.OwnSessions;
import com.sdragent.imports.eventstore.sessions.PoolSettings;
import com.sdragent.imports.eventstore.sessions.SessionSettings;
import java.time.Duration;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.flyway.autoconfigure.FlywayConfigurationCustomizer;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.datasource.AbstractDriverBasedDataSource;

/** How the schema is migrated, by a node that starts or by {@link Migration} alone. */
@Configuration(proxyBeanMethods = false)
class MigrationConfiguration {
  private static final Logger log = LoggerFactory.getLogger(MigrationConfiguration.class);

  @Bean
  DedicatedConnections dedicatedConnections(JdbcConnectionDetails details, DataSource dataSource) {
    String user = details.getUsername();
    String password = details.getPassword();
    return new DedicatedConnections(
        details.getJdbcUrl(),
        user == null ? "" : user,
        password == null ? "" : password,
        PoolSettings.driverSettings(dataSource));
  }

  @Bean
  static PoolSettings poolSettings() {
    return new PoolSettings();
  }

  @Bean
  OwnSessions ownSessions(DedicatedConnections connections) {
    return new OwnSessions(connections);
  }

  /**
   * Looks at the sessions before the migration, which would fail in ways that are harder to
   * understand.
   */
  @Bean
  FlywayMigrationStrategy migrationInSessionsOfItsOwn(OwnSessions sessions) {
    return flyway -> {
      sessions.require();
      migrate(flyway);
    };
  }

  private static void migrate(Flyway flyway) {
    try {
      int pending = flyway.info().pending().length;
      if (pending > 0) log.info("Migrating the database: {} scripts to run …", pending);
      int executed = flyway.migrate().migrationsExecuted;
      if (executed > 0) log.info("Migrated the database: {} scripts", executed);
    } catch (FlywayValidateException e) {
      // Flyway's own message is a list of checksums.
      log.debug("The database was migrated with other scripts", e);
      throw new UnknownSchemaException();
    }
  }

  /** A user of its own gives Flyway connections outside the pool, without the pool's timeouts. */
  @Bean
  FlywayConfigurationCustomizer migrationSettings(DataSource dataSource) {
    return flyway -> {
      DataSource ours = flyway.getDataSource();
      // The pool's connections have their settings already and keep them.
      if (dataSource.equals(ours)) return;
      if (ours instanceof AbstractDriverBasedDataSource driver) {
        driver.setConnectionProperties(PoolSettings.forLongStatements(dataSource));
      }
      flyway.initSql(PoolSettings.inOrder(flyway.getInitSql(), SessionSettings.sql(Duration.ZERO)));
    };
  }
}
