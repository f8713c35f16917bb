package com.sdragent.imports.query.projection;

import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.Notifications;
import com.sdragent.imports.eventstore.sessions.VisibleRows;
import com.sdragent.imports.loops.Loops;
import com.sdragent.imports.traces.Traces;
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
      ProjectionProperties properties,
      MeterRegistry metrics) {
    return new Projections(jdbc, visible, all, properties, metrics);
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
      Traces traces,
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
              traces,
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
  ProjectionStatuses projectionStatuses(JdbcTemplate jdbc, Projectors projectors) {
    return new ProjectionStatuses(jdbc, projectors);
  }

  @Bean
  MeterBinder projectionMetrics(Projections projections, Projectors projectors, JdbcTemplate jdbc) {
    return new ProjectionMetrics(projections, projectors, jdbc);
  }
}
