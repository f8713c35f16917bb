package com.sdragent.imports.query.view;

import com.sdragent.imports.eventstore.Notifications;
import com.sdragent.imports.eventstore.PostgresEventStorageEngine;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.jpa.repository.config.EnableJpaRepositories;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

/** Wires the read model: its projection and the GET routes. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ViewProperties.class)
@EnableJpaRepositories
@EntityScan
public class ViewConfiguration {

  @Bean
  ProjectionProgress projectionProgress() {
    return new ProjectionProgress();
  }

  @Bean
  Projector projector(
      JdbcTemplate jdbc,
      PlatformTransactionManager transactions,
      PostgresEventStorageEngine store,
      ProjectionProgress progress,
      Notifications notifications,
      ViewProperties properties,
      MeterRegistry metrics) {
    var projection =
        new ImportProjection(
            jdbc, new TransactionTemplate(transactions), store, properties.batchSize());
    return new Projector(projection, progress, notifications, metrics);
  }

  @Bean
  ImportReads importReads(
      JdbcTemplate jdbc,
      PostgresEventStorageEngine store,
      ProjectionProgress progress,
      ViewProperties properties) {
    return new ImportReads(jdbc, store, progress, properties.maxWait());
  }

  @Bean
  JsonArrays jsonArrays(JsonMapper json, ViewProperties properties) {
    return new JsonArrays(json, properties.listChunk());
  }

  @Bean
  ImportQueryController importQueryController(
      ImportReads reads, ImportViews views, JsonArrays arrays) {
    return new ImportQueryController(reads, views, arrays);
  }

  @Bean
  ProjectionHealth projectionHealthIndicator(Projector projector, ImportReads reads) {
    return new ProjectionHealth(projector, reads);
  }

  @Bean
  MeterBinder projectionMetrics(ImportReads reads, JdbcTemplate jdbc) {
    return registry -> {
      Gauge.builder("imports.projection.lag.events", reads, r -> r.positions().lag())
          .description("Stored events that the read model does not show yet")
          .register(registry);
      Gauge.builder("imports.projection.lag.seconds", jdbc, ViewConfiguration::lagSeconds)
          .description("Age of the oldest event that the read model does not show yet")
          .baseUnit("seconds")
          .register(registry);
    };
  }

  private static double lagSeconds(JdbcTemplate jdbc) {
    Double age =
        jdbc.queryForObject(
            """
            select coalesce((select extract(epoch from clock_timestamp() - e.occurred_at)
                             from domain_event e
                             where e.position = p.position + 1), 0)::float8
            from projection p where p.name = 'imports'
            """,
            Double.class);
    return age == null ? 0 : age;
  }
}
