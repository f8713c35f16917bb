package com.sdragent.imports.command.publication.replay;

import com.sdragent.imports.command.publication.RelayProperties;
import com.sdragent.imports.command.publication.RightStore;
import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.Notifications;
import com.sdragent.imports.loops.Loops;
import java.util.Map;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.kafka.core.ConsumerFactory;
import org.springframework.kafka.core.ProducerFactory;

/** Wires private replays with the Kafka clients that {@code spring.kafka.*} configures. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ReplayProperties.class)
public class ReplayConfiguration {

  @Bean
  Replays replays(JdbcTemplate jdbc, EventLog log, ReplayProperties properties) {
    return new Replays(jdbc, log, properties.lease());
  }

  @Bean
  Notifications.Channel replayChannel() {
    return Replays.CHANNEL;
  }

  @Bean
  ReplayWorker replayWorker(
      Replays replays,
      EventLog log,
      RelayProperties relay,
      ReplayProperties properties,
      RightStore rightStore,
      Notifications notifications,
      Loops loops,
      ProducerFactory<?, ?> producers,
      ConsumerFactory<?, ?> consumers) {
    Map<String, Object> consumer = consumers.getConfigurationProperties();
    var setup =
        new ReplayTerm.Setup(
            log,
            relay,
            new ReplayTarget(relay, consumer),
            producers.getConfigurationProperties(),
            consumer);
    return new ReplayWorker(replays, setup, properties, rightStore, notifications, loops);
  }
}
