package com.sdragent.imports.eventstore;

import com.sdragent.imports.eventstore.EventSerializer.LogicalType;
import com.sdragent.imports.loops.Loops;
import io.micrometer.core.instrument.MeterRegistry;
import org.axonframework.serialization.upcasting.event.EventUpcaster;
import org.axonframework.serialization.upcasting.event.EventUpcasterChain;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The event store on the application's PostgreSQL. An application adds {@link EventUpcaster} beans
 * for earlier revisions and {@link LogicalType} beans for what its snapshots hold.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(EventStoreProperties.class)
public class EventStoreConfiguration {

  /** Axon's serializer for everything: nothing is ever stored under a Java name. */
  @Bean
  @Primary
  EventSerializer importEventSerializer(ObjectProvider<LogicalType> more) {
    return new EventSerializer(more.orderedStream().toList());
  }

  @Bean
  PostgresEventStorageEngine eventStorageEngine(
      JdbcTemplate jdbc,
      JdbcConnectionDetails details,
      EventStoreProperties properties,
      EventSerializer serializer,
      ObjectProvider<EventUpcaster> upcasters,
      Timelines timelines,
      MeterRegistry metrics) {
    return new PostgresEventStorageEngine(
        jdbc,
        connections(details),
        properties,
        serializer,
        new EventUpcasterChain(upcasters.orderedStream().toList()),
        timelines,
        metrics);
  }

  /** The histories that the log has had. */
  @Bean
  Timelines timelines(JdbcTemplate jdbc) {
    return new Timelines(jdbc);
  }

  /** The log, for those who read across imports. */
  @Bean
  EventLog eventLog(
      JdbcTemplate jdbc, EventSerializer serializer, ObjectProvider<EventUpcaster> upcasters) {
    return new EventLog(
        jdbc, serializer, new EventUpcasterChain(upcasters.orderedStream().toList()));
  }

  /** The threads of this process that must not end. */
  @Bean
  Loops loops(MeterRegistry metrics) {
    return new Loops(metrics);
  }

  @Bean
  Notifications notifications(JdbcConnectionDetails details) {
    return new Notifications(connections(details));
  }

  private static DedicatedConnections connections(JdbcConnectionDetails details) {
    String user = details.getUsername();
    String password = details.getPassword();
    return new DedicatedConnections(
        details.getJdbcUrl(), user == null ? "" : user, password == null ? "" : password);
  }
}
