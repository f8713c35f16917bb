package com.sdragent.imports.command.publication;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads back how far events are published. To be asked after {@code initTransactions}: by then
 * every earlier transaction has either been committed or never will be.
 */
final class PublishedPosition {
  private static final Duration POLL = Duration.ofMillis(100);

  private final RelayProperties properties;
  private final Map<String, Object> consumerSettings;
  private final JsonMapper json;

  PublishedPosition(
      RelayProperties properties, Map<String, Object> consumerSettings, JsonMapper json) {
    this.properties = properties;
    this.json = json;
    this.consumerSettings = new HashMap<>(consumerSettings);
    this.consumerSettings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    this.consumerSettings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    this.consumerSettings.put(
        ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) properties.timeout().toMillis());
  }

  /**
   * The last committed position; nothing when no event was ever published.
   *
   * @param partitions how many partitions the topics have
   * @throws PublicationStoppedException when position and topics do not fit together
   */
  Optional<RelayPosition> read(int partitions) {
    try (var consumer =
        new KafkaConsumer<>(
            consumerSettings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      Optional<RelayPosition> last = last(consumer);
      if (last.isPresent()) {
        if (last.get().partitions() != partitions) {
          throw properties.partitionsChanged(
              properties.eventsTopic(), last.get().partitions(), partitions);
        }
        for (String topic : topics()) requireWritten(consumer, topic, last.get());
      } else {
        for (String topic : topics()) requireEmpty(consumer, topic);
      }
      return last;
    }
  }

  private List<String> topics() {
    return List.of(properties.eventsTopic(), properties.stateTopic());
  }

  private void requireWritten(
      KafkaConsumer<byte[], byte[]> consumer, String topic, RelayPosition last) {
    // An end never goes back, whatever retention and compaction remove: 0 means a new topic.
    boolean written =
        consumer.endOffsets(partitions(consumer, topic)).values().stream().anyMatch(end -> end > 0);
    if (written) return;
    throw new PublicationStoppedException(
        "The events up to position %d are published, but the topic %s is new and empty. %s"
            .formatted(last.position(), topic, properties.startOver()));
  }

  private void requireEmpty(KafkaConsumer<byte[], byte[]> consumer, String topic) {
    if (!hasRecords(consumer, topic)) return;
    throw new PublicationStoppedException(
        "The topic %s has records, but %s holds no position. Restore that topic if you can. %s"
            .formatted(topic, properties.positionTopic(), properties.startOver()));
  }

  /** Reads backwards in growing steps: what lies before the last record is of no interest. */
  private Optional<RelayPosition> last(KafkaConsumer<byte[], byte[]> consumer) {
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
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          last = parse(record.value());
        }
      }
      if (last != null || from == begin) return Optional.ofNullable(last);
    }
  }

  private RelayPosition parse(byte @Nullable [] value) {
    try {
      if (value != null) return json.readValue(value, RelayPosition.class);
    } catch (JacksonException e) {
      // Told below: what is wrong with it does not matter.
    }
    throw new PublicationStoppedException(
        "The last record of %s is no position that this version knows. Upgrade this node. %s"
            .formatted(properties.positionTopic(), properties.startOver()));
  }

  /** Of an aborted transaction an offset remains, but nothing that a consumer ever saw. */
  private boolean hasRecords(KafkaConsumer<byte[], byte[]> consumer, String topic) {
    List<TopicPartition> partitions = partitions(consumer, topic);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    long deadline = System.nanoTime() + properties.timeout().toNanos();
    while (partitions.stream().anyMatch(p -> consumer.position(p) < offset(ends, p))) {
      failAfter(deadline);
      if (!consumer.poll(POLL).isEmpty()) return true;
    }
    return false;
  }

  private static List<TopicPartition> partitions(KafkaConsumer<?, ?> consumer, String topic) {
    return consumer.partitionsFor(topic).stream()
        .map(info -> new TopicPartition(info.topic(), info.partition()))
        .toList();
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
