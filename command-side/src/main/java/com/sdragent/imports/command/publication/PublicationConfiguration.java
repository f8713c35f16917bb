package com.sdragent.imports.command.publication;

import com.sdragent.imports.access.placement.Placement;
import com.sdragent.imports.command.publication.parked.ParkedPublications;
import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.Notifications;
import com.sdragent.imports.eventstore.PostgresEventStorageEngine;
import com.sdragent.imports.loops.GaugedLook;
import com.sdragent.imports.loops.Loops;
import com.sdragent.imports.traces.Traces;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Locale;
import java.util.Map;
import org.springframework.boot.actuate.info.InfoContributor;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.kafka.core.ConsumerFactory;
import org.springframework.kafka.core.KafkaAdmin;
import org.springframework.kafka.core.ProducerFactory;
import tools.jackson.databind.json.JsonMapper;

/** Wires the relay with the Kafka clients that {@code spring.kafka.*} configures. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(RelayProperties.class)
public class PublicationConfiguration {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @Bean
  Relay relay(
      PostgresEventStorageEngine store,
      EventLog log,
      RelayProperties properties,
      ParkedPublications parked,
      JdbcTemplate jdbc,
      RightStore rightStore,
      Notifications notifications,
      Loops loops,
      Traces traces,
      MeterRegistry metrics,
      ProducerFactory<?, ?> producers,
      ConsumerFactory<?, ?> consumers) {
    var lease = new RelayLease(jdbc, properties.lease());
    RelayTerm.Setup setup =
        setup(store, log, properties, parked, lease, traces, producers, consumers);
    return new Relay(
        setup, lease, rightStore, notifications, loops, metrics, Relay.PAUSE_WHEN_STOPPED);
  }

  @Bean
  RightStore rightStore(Placement placement) {
    return RightStore.of(placement);
  }

  static RelayTerm.Setup setup(
      PostgresEventStorageEngine store,
      EventLog log,
      RelayProperties properties,
      ParkedPublications parked,
      RelayLease lease,
      Traces traces,
      ProducerFactory<?, ?> producers,
      ConsumerFactory<?, ?> consumers) {
    Map<String, Object> consumer = consumers.getConfigurationProperties();
    return new RelayTerm.Setup(
        store,
        log,
        properties,
        new RelayTopics(properties, consumer),
        new PublishedPosition(properties, consumer, JSON),
        parked,
        lease.holder(),
        producers.getConfigurationProperties(),
        JSON,
        traces);
  }

  @Bean
  Notifications.Channel relayLeaseChannel() {
    return RelayLease.CHANNEL;
  }

  @Bean
  ParkedPublications parkedPublications(JdbcTemplate jdbc, RelayProperties properties) {
    return new ParkedPublications(jdbc, JSON, properties.timeout());
  }

  @Bean
  RelayHealth relayHealthIndicator(Relay relay, ParkedPublications parked) {
    return new RelayHealth(relay, parked);
  }

  @Bean
  InfoContributor kafkaInfo(KafkaAdmin admin) {
    return new KafkaInfo(admin.getConfigurationProperties());
  }

  private record Unpublished(Relay.Lag lag, long parked) {}

  @Bean
  MeterBinder relayMetrics(Relay relay, ParkedPublications parked) {
    var looks = new GaugedLook<>(() -> new Unpublished(relay.lag(), parked.count()));
    return registry -> {
      Gauge.builder("imports.relay.parked.events", looks, it -> it.value(Unpublished::parked))
          .description("Events that could not be published; one for each import that waits")
          .register(registry);
      Gauge.builder("imports.relay.lag.events", looks, it -> it.value(now -> now.lag().events()))
          .description("Stored events that are not published yet")
          .register(registry);
      Gauge.builder("imports.relay.lag.seconds", looks, it -> it.value(now -> now.lag().seconds()))
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
