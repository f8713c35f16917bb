package com.sdragent.imports.testservers;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * The records that a {@code read_committed} consumer sees from the beginning on. Each is checked
 * against the published schemas on the way.
 */
public final class CommittedRecords {
  private static final Duration POLL = Duration.ofMillis(100);

  private CommittedRecords() {}

  /**
   * All records that are committed to a topic, those of one partition in their order. It waits for
   * as many as are expected and then takes the rest, so that one too many shows as well.
   *
   * @throws AssertionError when fewer arrive in time
   */
  public static List<ConsumerRecord<String, byte[]>> of(
      String bootstrapServers, String topic, int expected, Duration within) {
    Map<String, Object> settings =
        Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
            bootstrapServers,
            ConsumerConfig.ISOLATION_LEVEL_CONFIG,
            "read_committed",
            // A fetch that waits for more records holds up the question for the end behind it.
            ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG,
            10);
    try (var consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
      var records = new ArrayList<ConsumerRecord<String, byte[]>>();
      long deadline = System.nanoTime() + within.toNanos();
      List<TopicPartition> partitions = List.of();
      while (System.nanoTime() < deadline) {
        if (partitions.isEmpty()) {
          partitions = partitions(consumer, topic);
          if (partitions.isEmpty()) continue;
          consumer.assign(partitions);
          consumer.seekToBeginning(partitions);
        }
        for (var record : consumer.poll(POLL)) {
          PublishedSchemas.assertValid(record);
          records.add(record);
        }
        if (records.size() >= expected && isAtTheEnd(consumer, partitions)) return records;
      }
      throw new AssertionError(
          "%s holds %s records, expected are %s".formatted(topic, records.size(), expected));
    }
  }

  private static List<TopicPartition> partitions(KafkaConsumer<?, ?> consumer, String topic) {
    // A question about a missing topic would be refused, although the topic may be created in a
    // moment.
    return consumer.listTopics().getOrDefault(topic, List.of()).stream()
        .map(info -> new TopicPartition(info.topic(), info.partition()))
        .toList();
  }

  private static boolean isAtTheEnd(KafkaConsumer<?, ?> consumer, List<TopicPartition> partitions) {
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    return partitions.stream()
        .allMatch(partition -> consumer.position(partition) >= ends.getOrDefault(partition, 0L));
  }
}
