package com.sdragent.imports.eventstore;

import com.sdragent.imports.eventstore.append.EventStoreProperties;
import com.sdragent.imports.eventstore.sessions.DedicatedConnections;
import com.sdragent.imports.loops.Loops;
import com.sdragent.imports.traces.Traces;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;

/** The writing half of the event store, beside {@link EventStoreConfiguration}. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(EventStoreProperties.class)
public class AppendConfiguration {

  @Bean
  PostgresEventStorageEngine eventStorageEngine(
      JdbcTemplate jdbc,
      DedicatedConnections connections,
      EventStoreProperties properties,
      EventSerializer serializer,
      Timelines timelines,
      EventLog log,
      Loops loops,
      Traces traces,
      MeterRegistry metrics) {
    return new PostgresEventStorageEngine(
        jdbc, connections, properties, serializer, timelines, log, loops, traces, metrics);
  }

  /** What whoever runs PostgreSQL has to watch, as metrics. */
  @Bean
  StoreGrowth storeGrowth(JdbcTemplate jdbc) {
    return new StoreGrowth(jdbc);
  }
}
