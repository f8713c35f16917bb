package com.sdragent.imports.command.publication.kafka;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The last records of topics, for a {@code read_committed} consumer. It is used after {@code
 * initTransactions}: by then, every earlier transaction of that producer has either been committed
 * or never will be.
 */
public final class TopicEnds implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final long FIRST_STEP = 100;

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Duration timeout;

  /**
   * @param timeout how long one call may take
   */
  public TopicEnds(Map<String, Object> consumerSettings, Duration timeout) {
    this.timeout = timeout;
    var settings = new HashMap<>(consumerSettings);
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) timeout.toMillis());
    // It reads what is there: a fetch that waits for more records holds up the next question.
    settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 10);
    consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /** The partitions of a topic. */
  public List<TopicPartition> partitions(String topic) {
    return consumer.partitionsFor(topic).stream()
        .map(info -> new TopicPartition(info.topic(), info.partition()))
        .toList();
  }

  /**
   * Whether nothing was ever written: an end never goes back, whatever retention and compaction
   * remove.
   */
  public boolean isNew(Collection<TopicPartition> partitions) {
    return consumer.endOffsets(partitions).values().stream().allMatch(end -> end == 0);
  }

  /** The partitions whose records have all been removed, as retention does. */
  public Set<TopicPartition> emptied(Collection<TopicPartition> partitions) {
    Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    var emptied = new HashSet<TopicPartition>();
    for (TopicPartition partition : partitions) {
      long end = offset(ends, partition);
      if (end > 0 && offset(begins, partition) == end) emptied.add(partition);
    }
    return emptied;
  }

  /**
   * The last record of each partition that has one. It reads backwards in growing steps, past
   * aborted records, of which offsets remain but nothing that a consumer ever saw.
   */
  public Map<TopicPartition, ConsumerRecord<byte[], byte[]>> last(
      Collection<TopicPartition> partitions) {
    Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    var last = new HashMap<TopicPartition, ConsumerRecord<byte[], byte[]>>();
    Set<TopicPartition> open = new HashSet<>(partitions);
    for (long step = FIRST_STEP; !open.isEmpty(); step *= 10) {
      consumer.assign(open);
      var exhausted = new HashSet<TopicPartition>();
      for (TopicPartition partition : open) {
        long begin = offset(begins, partition);
        long from = Math.max(begin, offset(ends, partition) - step);
        consumer.seek(partition, from);
        if (from == begin) exhausted.add(partition);
      }
      long deadline = System.nanoTime() + timeout.toNanos();
      while (open.stream().anyMatch(p -> consumer.position(p) < offset(ends, p))) {
        if (System.nanoTime() > deadline) throw new TimeoutException("The topic could not be read");
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          last.put(new TopicPartition(record.topic(), record.partition()), record);
        }
      }
      open.removeAll(exhausted);
      open.removeAll(last.keySet());
    }
    return last;
  }

  @Override
  public void close() {
    consumer.close(CloseOptions.timeout(timeout));
  }

  private static long offset(Map<TopicPartition, Long> offsets, TopicPartition partition) {
    Long offset = offsets.get(partition);
    if (offset == null) throw new IllegalStateException("No offset of " + partition);
    return offset;
  }
}
