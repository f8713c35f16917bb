package com.sdragent.imports.eventstore;

import com.sdragent.imports.events.EventRevisions;
import com.sdragent.imports.eventstore.EventSerializer.LogicalType;
import com.sdragent.imports.eventstore.sessions.DedicatedConnections;
import com.sdragent.imports.eventstore.sessions.OwnSessions;
import com.sdragent.imports.eventstore.sessions.PoolSettings;
import com.sdragent.imports.eventstore.sessions.SessionSettings;
import com.sdragent.imports.loops.Loops;
import com.sdragent.imports.traces.Traces;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.api.trace.Tracer;
import java.time.Duration;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.flyway.autoconfigure.FlywayConfigurationCustomizer;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.AbstractDriverBasedDataSource;

/**
 * The event store on the application's PostgreSQL, for those who read it; those who write add
 * {@link AppendConfiguration}. An application adds {@link LogicalType} beans for the content of its
 * snapshots; tests may add {@link EventRevisions} that are not published.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(EventRevisionProperties.class)
public class EventStoreConfiguration {
  private static final Logger log = LoggerFactory.getLogger(EventStoreConfiguration.class);

  /** Axon's serializer for everything: nothing is ever stored under a Java name. */
  @Bean
  @Primary
  EventSerializer importEventSerializer(
      ObjectProvider<EventRevisions> revisions,
      EventRevisionProperties settings,
      ObjectProvider<LogicalType> more) {
    return new EventSerializer(
        revisions.getIfAvailable(EventRevisions::published),
        settings,
        more.orderedStream().toList());
  }

  /** The histories that the log has had. */
  @Bean
  Timelines timelines(JdbcTemplate jdbc) {
    return new Timelines(jdbc);
  }

  /** The log, for readers of more than one import. */
  @Bean
  EventLog eventLog(JdbcTemplate jdbc, EventSerializer serializer) {
    return new EventLog(jdbc, serializer);
  }

  /** The threads of this process that must not end. */
  @Bean
  Loops loops(MeterRegistry metrics) {
    return new Loops(metrics);
  }

  /** The steps of requests, if tracing is on. */
  @Bean
  Traces traces(ObjectProvider<Tracer> tracer) {
    return new Traces(tracer.getIfAvailable());
  }

  @Bean
  Notifications notifications(
      DedicatedConnections connections,
      OwnSessions sessions,
      Timelines timelines,
      Loops loops,
      ObjectProvider<Notifications.Channel> more) {
    return new Notifications(connections, sessions, timelines, loops, more.stream());
  }

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

  /** Looks here as well: a node may migrate nothing, or PostgreSQL may have been away before. */
  @Bean
  SmartInitializingSingleton startInSessionsOfItsOwn(OwnSessions sessions) {
    return sessions::require;
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
