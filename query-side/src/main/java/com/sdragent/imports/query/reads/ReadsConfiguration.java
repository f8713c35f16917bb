package com.sdragent.imports.query.reads;

import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.VisibleLog;
import com.sdragent.imports.eventstore.sessions.DedicatedConnections;
import com.sdragent.imports.eventstore.sessions.PoolSettings;
import com.sdragent.imports.eventstore.sessions.Replica;
import com.sdragent.imports.eventstore.sessions.Replica.Moment;
import com.sdragent.imports.eventstore.sessions.Replica.Reached;
import com.sdragent.imports.eventstore.sessions.VisibleRows;
import com.sdragent.imports.query.projection.ProjectionProperties;
import com.sdragent.imports.query.web.SharedLookups;
import com.sdragent.imports.web.ApiError;
import com.zaxxer.hikari.HikariDataSource;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Properties;
import javax.sql.DataSource;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.DataSourceUnwrapper;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;

/** Wires the sessions that read for requests, as a role from which PostgreSQL hides rows. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({ReadsProperties.class, ReadingServer.class})
public class ReadsConfiguration {

  /** A look usually takes less than a millisecond; one that hangs holds up no other. */
  private static final Duration PATIENCE = Duration.ofMillis(10);

  /** So soon a standby that is back is used again, if the address names the primary as well. */
  private static final Duration LIFETIME_ON_REPLICAS = Duration.ofMinutes(1);

  /** A pool with the settings of the service's own, for another role and perhaps another server. */
  @Bean(defaultCandidate = false)
  DataSource readsDataSource(
      DataSource dataSource, ReadsProperties properties, ReadingServer server) {
    HikariDataSource service = pool(dataSource);
    var reads = new Pool(service.getDataSourceProperties());
    service.copyStateTo(reads);
    reads.setPoolName("reads");
    // Otherwise, all who ask while the role is not let in would try it again, one after another.
    reads.setInitializationFailTimeout(-1);
    reads.setUsername(properties.role());
    reads.setPassword(properties.secret());
    String replica = server.url();
    if (replica != null) {
      reads.setJdbcUrl(replica);
      // The address itself may say otherwise.
      reads.getDataSourceProperties().setProperty("targetServerType", "preferSecondary");
      reads.setKeepaliveTime(0);
      reads.setIdleTimeout(Math.min(reads.getIdleTimeout(), LIFETIME_ON_REPLICAS.toMillis() / 2));
      reads.setMaxLifetime(Math.min(reads.getMaxLifetime(), LIFETIME_ON_REPLICAS.toMillis()));
    }
    reads.setConnectionInitSql(
        PoolSettings.inOrder(ReadsRole.REQUIRE, service.getConnectionInitSql()));
    return reads;
  }

  /** With driver settings of its own: a copy of a pool shares those of the original. */
  private static final class Pool extends HikariDataSource {
    private final Properties driverSettings = new Properties();

    Pool(Properties settings) {
      driverSettings.putAll(settings);
      // Texts have a type and statements go as they are written, which VisibleRows relies on.
      driverSettings.setProperty("stringtype", "varchar");
      driverSettings.setProperty("preferQueryMode", "extended");
    }

    @Override
    public Properties getDataSourceProperties() {
      return driverSettings;
    }
  }

  private static HikariDataSource pool(DataSource dataSource) {
    HikariDataSource pool = DataSourceUnwrapper.unwrap(dataSource, HikariDataSource.class);
    if (pool == null) throw new IllegalStateException("The service's pool is not Hikari's");
    return pool;
  }

  @Bean
  VisibleRows visibleRows(
      @Qualifier("readsDataSource") DataSource reads,
      ReadingServer server,
      JdbcTemplate primary,
      ProjectionProperties waits,
      MeterRegistry metrics) {
    server.requireWait(waits.maxWait());
    return server.url() == null
        ? new VisibleRows(reads)
        : new VisibleRows(
            reads, replica(primary, new JdbcTemplate(reads), waits.maxWait(), metrics));
  }

  /**
   * Requests that come together share the looks at the primary, and those that wait at the replica.
   */
  private static Replica replica(
      JdbcTemplate primary, JdbcTemplate replica, Duration maxWait, MeterRegistry metrics) {
    var moments = new SharedLookups<Boolean, Moment>(_ -> Replica.moment(primary), PATIENCE);
    var states = new SharedLookups<Boolean, Reached>(_ -> Replica.reached(replica), PATIENCE);
    var flushes =
        new SharedLookups<Boolean, Boolean>(
            _ -> {
              Replica.flush(primary);
              return true;
            },
            PATIENCE);
    Counter waits =
        Counter.builder("imports.reads.replica.waits")
            .description("Statements that had to wait for the replica")
            .register(metrics);
    return new Replica(
        () -> moments.look(true),
        () -> states.look(true),
        () -> flushes.look(true),
        maxWait,
        waits::increment,
        why -> ApiError.unavailable(why + ", try again"));
  }

  @Bean
  VisibleLog visibleLog(EventLog log, VisibleRows visible) {
    return log.through(visible);
  }

  /** Looks at the role, and opens the pool, so that the first request does not have to. */
  @Bean
  SmartInitializingSingleton readAsTheRightRole(
      DataSource dataSource, VisibleRows visible, ReadsProperties properties) {
    HikariDataSource service = pool(dataSource);
    return () -> {
      boolean isLetIn =
          ReadsRole.require(
              new DedicatedConnections(
                  service.getJdbcUrl(),
                  properties.role(),
                  properties.secret(),
                  service.getDataSourceProperties()));
      if (isLetIn) ReadsRole.requireNames(visible);
    };
  }
}
