package com.sdragent.imports.command.publication;

import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.EventSerializer;
import com.sdragent.imports.eventstore.Notifications;
import com.sdragent.imports.eventstore.PostgresEventStorageEngine;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Locale;
import java.util.Map;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.kafka.core.ConsumerFactory;
import org.springframework.kafka.core.ProducerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Wires the relay and private replays with the Kafka clients that {@code spring.kafka.*}
 * configures.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({RelayProperties.class, ReplayProperties.class})
public class PublicationConfiguration {

  @Bean
  Relay relay(
      PostgresEventStorageEngine store,
      EventLog log,
      EventSerializer serializer,
      RelayProperties properties,
      JdbcTemplate jdbc,
      Notifications notifications,
      ProducerFactory<?, ?> producers,
      ConsumerFactory<?, ?> consumers) {
    var json = JsonMapper.builder().build();
    Map<String, Object> consumer = consumers.getConfigurationProperties();
    var setup =
        new RelayTerm.Setup(
            store,
            log,
            serializer,
            properties,
            new RelayTopics(properties, consumer),
            new PublishedPosition(properties, consumer, json, log),
            producers.getConfigurationProperties(),
            json);
    return new Relay(setup, new RelayLease(jdbc, properties.lease()), notifications);
  }

  @Bean
  Replays replays(JdbcTemplate jdbc, EventLog log, ReplayProperties properties) {
    return new Replays(jdbc, log, properties.lease());
  }

  @Bean
  ReplayWorker replayWorker(
      Replays replays,
      EventLog log,
      EventSerializer serializer,
      RelayProperties relay,
      ReplayProperties properties,
      ProducerFactory<?, ?> producers,
      ConsumerFactory<?, ?> consumers) {
    Map<String, Object> consumer = consumers.getConfigurationProperties();
    var setup =
        new ReplayTerm.Setup(
            log,
            serializer,
            relay,
            new RelayTopics(relay, consumer),
            producers.getConfigurationProperties(),
            consumer);
    return new ReplayWorker(replays, setup, properties);
  }

  @Bean
  ReplayController replayController(
      Replays replays, RelayProperties relay, ReplayProperties properties) {
    return new ReplayController(replays, relay, properties.eventsPerSecond());
  }

  @Bean
  RelayHealth relayHealthIndicator(Relay relay) {
    return new RelayHealth(relay);
  }

  @Bean
  AsyncApiController asyncApiController() {
    return new AsyncApiController();
  }

  @Bean
  MeterBinder relayMetrics(Relay relay) {
    return registry -> {
      Gauge.builder("imports.relay.lag.events", relay, Relay::lagEvents)
          .description("Stored events that are not published yet")
          .register(registry);
      Gauge.builder("imports.relay.lag.seconds", relay, Relay::lagSeconds)
          .description("Age of the oldest event that is not published yet")
          .baseUnit("seconds")
          .register(registry);
      for (Relay.Status status : Relay.Status.values()) {
        Gauge.builder("imports.relay.status", relay, r -> r.progress().status() == status ? 1 : 0)
            .description("1 for what the relay of this node is doing, 0 for the others")
            .tag("status", status.name().toLowerCase(Locale.ROOT))
            .register(registry);
      }
    };
  }
}
