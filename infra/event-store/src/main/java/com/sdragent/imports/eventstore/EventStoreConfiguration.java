package com.sdragent.imports.eventstore;

import com.sdragent.imports.events.EventRevisions;
import com.sdragent.imports.eventstore.EventSerializer.LogicalType;
import com.sdragent.imports.eventstore.sessions.DedicatedConnections;
import com.sdragent.imports.eventstore.sessions.OwnSessions;
import com.sdragent.imports.loops.Loops;
import com.sdragent.imports.loops.ThisNode;
import com.sdragent.imports.traces.Traces;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.api.trace.Tracer;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The event store on the application's PostgreSQL, for those who read it; those who write add
 * {@link AppendConfiguration}. An application adds {@link LogicalType} beans for the content of its
 * snapshots; tests may add {@link EventRevisions} that are not published.
 */
@Configuration(proxyBeanMethods = false)
@Import(MigrationConfiguration.class)
@EnableConfigurationProperties(EventRevisionProperties.class)
public class EventStoreConfiguration {
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

  /** What operators call this process. */
  @Bean
  ThisNode thisNode() {
    return new ThisNode();
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

  /** Looks here as well: a node may migrate nothing, or PostgreSQL may have been away before. */
  @Bean
  SmartInitializingSingleton startInSessionsOfItsOwn(OwnSessions sessions) {
    return sessions::require;
  }
}
