package com.sdragent.imports.query.projection;

import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.Notifications;
import com.sdragent.imports.eventstore.sessions.VisibleRows;
import com.sdragent.imports.loops.Loops;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Wires the parts that keep projections current: each bean of type {@link Projection}. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ProjectionProperties.class)
public class ProjectionConfiguration {

  @Bean
  Projections projections(
      JdbcTemplate jdbc,
      VisibleRows visible,
      List<Projection<?>> all,
      ProjectionProperties properties) {
    return new Projections(jdbc, visible, all, properties);
  }

  @Bean
  Notifications.Channel projectionChannel() {
    return ProjectionPosition.CHANNEL;
  }

  @Bean
  Projectors projectors(
      Projections projections,
      PlatformTransactionManager transactions,
      EventLog log,
      ProjectionProperties properties,
      Notifications notifications,
      Loops loops,
      MeterRegistry metrics) {
    var transaction = new TransactionTemplate(transactions);
    var projectors = new ArrayList<Projector>();
    for (RunningProjection<?> one : projections.all()) {
      var batches = new ProjectionBatches<>(one, transaction, log, properties.batchSize());
      projectors.add(
          new Projector(
              one,
              batches,
              properties.lookAgain(),
              properties.batchTime(),
              notifications,
              loops,
              metrics));
    }
    return new Projectors(projectors);
  }

  @Bean
  CompositeHealthContributor projectionHealthContributor(Projectors projectors) {
    var parts = new LinkedHashMap<String, HealthIndicator>();
    for (Projector one : projectors.all()) {
      parts.put(one.projection().name(), new ProjectionHealth(one));
    }
    return CompositeHealthContributor.fromMap(parts);
  }

  @Bean
  MeterBinder projectionMetrics(Projections projections) {
    return registry -> {
      for (RunningProjection<?> one : projections.all()) {
        JdbcTemplate jdbc = one.jdbc();
        String name = one.name();
        Gauge.builder("imports.projection.lag.events", jdbc, sql -> Positions.now(sql, name).lag())
            .description("Stored events that a projection does not show yet")
            .tag("projection", name)
            .register(registry);
        Gauge.builder("imports.projection.lag.seconds", jdbc, sql -> lagSeconds(sql, name))
            .description("Age of the oldest event that a projection does not show yet")
            .baseUnit("seconds")
            .tag("projection", name)
            .register(registry);
        Gauge.builder("imports.projection.waiting", one.progress(), ProjectionProgress::waiting)
            .description("Requests that wait for a projection to reach what they ask for")
            .tag("projection", name)
            .register(registry);
        Gauge.builder("imports.projection.parked.events", one, it -> it.parked().count())
            .description("Events that a projection could not take, and those that wait behind them")
            .tag("projection", name)
            .register(registry);
      }
    };
  }

  private static double lagSeconds(JdbcTemplate jdbc, String name) {
    Double age =
        jdbc.queryForObject(
            """
            select coalesce((select extract(epoch from clock_timestamp() - occurred_at)
                             from domain_event where position = %s + 1), 0)::float8
            """
                .formatted(ProjectionPosition.sql(name)),
            Double.class);
    return age == null ? 0 : age;
  }
}
