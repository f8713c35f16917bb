package com.sdragent.imports.command.publication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sdragent.imports.command.CommandService;
import com.sdragent.imports.testservers.SecuredKafka;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A broker that lets nobody in without TLS and a password, by Spring's own properties alone. */
class SecuredKafkaIT {

  @Test
  void events_are_published_over_tls_with_a_password_and_a_wrong_one_is_told() {
    try (var kafka = SecuredKafka.running()) {
      try (var service = new CommandService(settings(kafka, SecuredKafka.PASSWORD))) {
        service.create();
        StoreWithRelays.assertPublishedEventsAreThoseOfTheStore(
            service, kafka.plainBootstrapServers(), service.eventsTopic());
      }
      try (var service = new CommandService(settings(kafka, "a wrong one"))) {
        service.create();
        Relay relay = service.bean(Relay.class);
        await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> relay.progress().status() == Relay.Status.WAITING);
        assertThat(relay.progress().problem()).contains("Authentication failed");
      }
    }
  }

  private static String[] settings(SecuredKafka kafka, String password) {
    return new String[] {
      "--spring.kafka.bootstrap-servers=" + kafka.bootstrapServers(),
      "--spring.kafka.security.protocol=SASL_SSL",
      "--spring.kafka.ssl.trust-store-location=" + kafka.trustStore().toUri(),
      "--spring.kafka.ssl.trust-store-password=" + SecuredKafka.STORE_PASSWORD,
      "--spring.kafka.properties.sasl.mechanism=PLAIN",
      "--spring.kafka.properties.sasl.jaas.config="
          + "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"%s\" password=\"%s\";"
              .formatted(SecuredKafka.USER, password)
    };
  }
}
