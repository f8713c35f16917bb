package com.sdragent.imports.command.publication;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import tools.jackson.databind.json.JsonMapper;

/** The topics that the relay writes, and what they say about how far it came. */
final class RelayTopics {
  private final RelayProperties properties;
  private final Map<String, Object> client;
  private final JsonMapper json;

  RelayTopics(RelayProperties properties, Map<String, Object> client, JsonMapper json) {
    this.properties = properties;
    this.client = client;
    this.json = json;
  }

  /** Creates the topics that are missing. */
  void create() throws InterruptedException, ExecutionException, TimeoutException {
    try (Admin admin = Admin.create(client)) {
      Set<String> present =
          admin.listTopics().names().get(properties.timeout().toMillis(), TimeUnit.MILLISECONDS);
      var missing = new ArrayList<NewTopic>();
      if (!present.contains(properties.eventsTopic())) {
        missing.add(
            topic(properties.eventsTopic(), properties.partitions())
                .configs(Map.of(TopicConfig.RETENTION_MS_CONFIG, "-1")));
      }
      if (!present.contains(properties.positionTopic())) {
        missing.add(
            topic(properties.positionTopic(), 1)
                .configs(
                    Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT)));
      }
      if (missing.isEmpty()) return;
      admin.createTopics(missing).all().get(properties.timeout().toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private NewTopic topic(String name, int partitions) {
    return new NewTopic(
        name,
        Optional.of(partitions),
        properties.replicationFactor() == -1
            ? Optional.empty()
            : Optional.of(properties.replicationFactor()));
  }

  /**
   * The last committed position; nothing when no event was ever published.
   *
   * @throws PublicationStoppedException when there are events but no position
   */
  Optional<RelayPosition> position() {
    var settings = new HashMap<>(client);
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(
        ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) properties.timeout().toMillis());
    try (var consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      Optional<RelayPosition> last = lastPosition(consumer);
      if (last.isEmpty() && hasEvents(consumer)) {
        throw new PublicationStoppedException(
            "The topic %s has records but %s holds no position: restore %2$s, or empty both topics"
                .formatted(properties.eventsTopic(), properties.positionTopic()));
      }
      return last;
    }
  }

  /** Reads backwards in growing steps: what lies before the last record is of no interest. */
  private Optional<RelayPosition> lastPosition(KafkaConsumer<byte[], byte[]> consumer) {
    var partition = new TopicPartition(properties.positionTopic(), 0);
    consumer.assign(List.of(partition));
    long begin = offset(consumer.beginningOffsets(List.of(partition)), partition);
    long end = offset(consumer.endOffsets(List.of(partition)), partition);
    for (long step = 100; ; step *= 10) {
      long from = Math.max(begin, end - step);
      consumer.seek(partition, from);
      RelayPosition last = null;
      long deadline = System.nanoTime() + properties.timeout().toNanos();
      while (consumer.position(partition) < end) {
        failAfter(deadline);
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          last = json.readValue(record.value(), RelayPosition.class);
        }
      }
      if (last != null || from == begin) return Optional.ofNullable(last);
    }
  }

  private boolean hasEvents(KafkaConsumer<byte[], byte[]> consumer) {
    List<TopicPartition> partitions =
        consumer.partitionsFor(properties.eventsTopic()).stream()
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    // Of an aborted transaction a marker remains, but nothing that a consumer ever saw: the
    // position
    // record is missing then too, so a topic that was filled and lost its position is told by this.
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    long deadline = System.nanoTime() + properties.timeout().toNanos();
    while (partitions.stream().anyMatch(p -> consumer.position(p) < offset(ends, p))) {
      failAfter(deadline);
      if (!consumer.poll(Duration.ofMillis(100)).isEmpty()) return true;
    }
    return false;
  }

  private static void failAfter(long deadline) {
    if (System.nanoTime() > deadline) {
      throw new org.apache.kafka.common.errors.TimeoutException("The topic could not be read");
    }
  }

  private static long offset(Map<TopicPartition, Long> offsets, TopicPartition partition) {
    Long offset = offsets.get(partition);
    if (offset == null) throw new IllegalStateException("No offset of " + partition);
    return offset;
  }
}
