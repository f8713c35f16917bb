package com.sdragent.imports.query.reads;

import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.VisibleLog;
import com.sdragent.imports.eventstore.sessions.DedicatedConnections;
import com.sdragent.imports.eventstore.sessions.PoolSettings;
import com.sdragent.imports.eventstore.sessions.VisibleRows;
import com.zaxxer.hikari.HikariDataSource;
import java.util.Properties;
import javax.sql.DataSource;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.DataSourceUnwrapper;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Wires the sessions that read for requests, as a role from which PostgreSQL hides rows. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ReadsProperties.class)
public class ReadsConfiguration {

  /** A pool with the settings of the service's own, for another role. */
  @Bean(defaultCandidate = false)
  DataSource readsDataSource(DataSource dataSource, ReadsProperties properties) {
    HikariDataSource service = pool(dataSource);
    var reads = new Pool(service.getDataSourceProperties());
    service.copyStateTo(reads);
    reads.setPoolName("reads");
    // Otherwise, all who ask while the role is not let in would try it again, one after another.
    reads.setInitializationFailTimeout(-1);
    reads.setUsername(properties.role());
    reads.setPassword(properties.secret());
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
  VisibleRows visibleRows(@Qualifier("readsDataSource") DataSource reads) {
    return new VisibleRows(reads);
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
