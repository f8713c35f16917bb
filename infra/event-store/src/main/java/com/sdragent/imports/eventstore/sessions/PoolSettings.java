package com.sdragent.imports.eventstore.sessions;

import com.zaxxer.hikari.HikariDataSource;
import java.time.Duration;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.jdbc.DataSourceUnwrapper;

/**
 * Gives every connection of the pool the {@link SessionSettings}, after the pool's own initial SQL.
 */
public final class PoolSettings implements BeanPostProcessor {
  /** PostgreSQL gives a statement up this long before the driver gives the answer up. */
  private static final Duration TIME_TO_TELL = Duration.ofMillis(250);

  @Override
  public Object postProcessAfterInitialization(Object bean, String beanName) {
    if (bean instanceof HikariDataSource pool) {
      String settings = SessionSettings.sql(statementTimeout(pool.getDataSourceProperties()));
      String theirs = pool.getConnectionInitSql();
      // A pool that was copied from one that has them has them as well.
      if (theirs != null && theirs.endsWith(settings)) return bean;
      pool.setConnectionInitSql(inOrder(theirs, settings));
    }
    return bean;
  }

  /** Both pieces of SQL, the first of which may be missing. */
  public static String inOrder(@Nullable String theirs, String ours) {
    return Stream.of(theirs == null ? "" : theirs.strip().replaceFirst(";$", ""), ours)
        .filter(sql -> !sql.isEmpty())
        .collect(Collectors.joining("; "));
  }

  /** The pool's driver settings; there are none when the pool is not the service's own. */
  public static Properties driverSettings(DataSource dataSource) {
    HikariDataSource pool = DataSourceUnwrapper.unwrap(dataSource, HikariDataSource.class);
    return pool == null ? new Properties() : pool.getDataSourceProperties();
  }

  /** The same settings, without a bound for one answer. */
  public static Properties forLongStatements(DataSource dataSource) {
    var settings = new Properties();
    settings.putAll(driverSettings(dataSource));
    settings.remove("socketTimeout");
    return settings;
  }

  /** A statement that nobody waits for any more does not go on in PostgreSQL. */
  private static Duration statementTimeout(Properties driverSettings) {
    Object seconds = driverSettings.get("socketTimeout");
    Duration answerWithin =
        Duration.ofSeconds(seconds == null ? 0 : Long.parseLong(String.valueOf(seconds)));
    return answerWithin.isPositive() ? answerWithin.minus(TIME_TO_TELL) : Duration.ZERO;
  }
}
