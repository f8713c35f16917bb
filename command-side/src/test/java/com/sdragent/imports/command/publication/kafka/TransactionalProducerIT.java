package com.sdragent.imports.command.publication.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.testservers.TestKafka;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** The relay's producer, against a real broker. */
class TransactionalProducerIT {
  private static final int PARTITIONS = 6;
  private static final int RECORDS = 90;

  @Test
  void a_transaction_is_sent_as_one_request() throws Exception {
    String topic = "transactional-producer-" + UUID.randomUUID();
    Map<String, Object> client = Map.of("bootstrap.servers", TestKafka.bootstrapServers());
    try (var admin = Admin.create(client)) {
      admin
          .createTopics(List.of(new NewTopic(topic, PARTITIONS, (short) 1)))
          .all()
          .get(30, TimeUnit.SECONDS);
    }
    Map<String, Object> settings =
        TransactionalProducer.settings(client, Duration.ofSeconds(30), topic);
    try (var producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.initTransactions();
      producer.beginTransaction();
      // Records of half a kilobyte, as events are.
      byte[] value = "x".repeat(500).getBytes(UTF_8);
      for (int i = 0; i < RECORDS; i++) {
        producer.send(new ProducerRecord<>(topic, i % PARTITIONS, value, value)).state();
      }
      producer.commitTransaction();
      assertThat(metric(producer, "records-per-request-avg")).isEqualTo(RECORDS);
    }
  }

  private static double metric(KafkaProducer<?, ?> producer, String name) {
    return producer.metrics().values().stream()
        .filter(one -> one.metricName().name().equals(name))
        .filter(one -> one.metricName().group().equals("producer-metrics"))
        .mapToDouble(one -> ((Number) one.metricValue()).doubleValue())
        .sum();
  }
}
