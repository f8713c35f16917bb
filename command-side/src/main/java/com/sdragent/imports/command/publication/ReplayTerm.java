package com.sdragent.imports.command.publication;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.EventSerializer;
import com.sdragent.imports.eventstore.RecordedEvent;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Publishing for one replay by one producer, which keeps its predecessors from committing anything
 * more. Each record names its replay: what was committed last is read back from the target.
 */
final class ReplayTerm implements AutoCloseable {
  private static final String REPLAY = "ce_replay";
  private static final Duration POLL = Duration.ofMillis(100);

  /** What a term reads, writes and how. */
  record Setup(
      EventLog log,
      EventSerializer serializer,
      RelayProperties properties,
      RelayTopics topics,
      Map<String, Object> producerSettings,
      Map<String, Object> consumerSettings) {}

  private final Setup setup;
  private final Replay replay;
  private final int partitions;
  private final EventRecords events;
  private final KafkaProducer<byte[], byte[]> producer;

  private ReplayTerm(Setup setup, Replay replay, int partitions) {
    this.setup = setup;
    this.replay = replay;
    this.partitions = partitions;
    events = new EventRecords(setup.serializer(), replay.target(), partitions);
    producer =
        new KafkaProducer<>(
            RelayTerm.producerSettings(
                setup.producerSettings(), setup.properties(), "imports.replay." + replay.id()),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  /**
   * Makes sure of the target, and ends what a predecessor left open.
   *
   * @throws PublicationStoppedException when the target is not the one that the replay began with
   */
  static ReplayTerm begin(Setup setup, Replay replay)
      throws InterruptedException, ExecutionException, TimeoutException {
    int partitions = setup.topics().prepareTarget(replay.target(), replay.partitions());
    var term = new ReplayTerm(setup, replay, partitions);
    try {
      term.producer.initTransactions();
      return term;
    } catch (RuntimeException e) {
      term.close();
      throw e;
    }
  }

  int partitions() {
    return partitions;
  }

  /** Publishes these in one transaction. */
  void publish(List<RecordedEvent> selected) {
    producer.beginTransaction();
    for (RecordedEvent event : selected) {
      var record = events.record(event.message());
      record.headers().add(REPLAY, replay.id().toString().getBytes(UTF_8));
      // A failed send fails the commit.
      var _ = producer.send(record);
    }
    producer.commitTransaction();
  }

  /** The highest position that this replay has committed, 0 when it has none. */
  long committed() {
    var settings = new HashMap<>(setup.consumerSettings());
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(
        ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
        (int) setup.properties().timeout().toMillis());
    try (var consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      long highest = 0;
      for (int number = 0; number < partitions; number++) {
        highest =
            Math.max(highest, committed(consumer, new TopicPartition(replay.target(), number)));
      }
      return highest;
    }
  }

  /** Reads backwards in growing steps, to the last record that was not aborted. */
  private long committed(KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition) {
    List<TopicPartition> alone = List.of(partition);
    consumer.assign(alone);
    long begin = consumer.beginningOffsets(alone).getOrDefault(partition, 0L);
    long end = consumer.endOffsets(alone).getOrDefault(partition, 0L);
    for (long step = 100; ; step *= 10) {
      long from = Math.max(begin, end - step);
      consumer.seek(partition, from);
      ConsumerRecord<byte[], byte[]> last = null;
      long deadline = System.nanoTime() + setup.properties().timeout().toNanos();
      while (consumer.position(partition) < end) {
        if (System.nanoTime() > deadline) {
          throw new org.apache.kafka.common.errors.TimeoutException("The target could not be read");
        }
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) last = record;
      }
      if (last != null) return position(last);
      if (from == begin) return 0;
    }
  }

  private long position(ConsumerRecord<byte[], byte[]> record) {
    if (!replay.id().toString().equals(header(record, REPLAY))) return 0;
    String position = header(record, "ce_position");
    return position == null ? 0 : Long.parseLong(position);
  }

  private static @Nullable String header(ConsumerRecord<?, ?> record, String name) {
    Header header = record.headers().lastHeader(name);
    return header == null ? null : new String(header.value(), UTF_8);
  }

  /** What is not committed by now never will be: there is nothing to wait for. */
  @Override
  public void close() {
    producer.close(Duration.ZERO);
  }
}
