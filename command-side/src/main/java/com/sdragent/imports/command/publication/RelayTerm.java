package com.sdragent.imports.command.publication;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.EventSerializer;
import com.sdragent.imports.eventstore.PostgresEventStorageEngine;
import com.sdragent.imports.eventstore.RecordedEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Publishing by one Kafka producer, from the position that it found on. A term ends with the first
 * failure: whether a lost answer meant yes or no is never guessed, the next term reads the position
 * back.
 */
final class RelayTerm implements AutoCloseable {
  private static final byte[] POSITION_KEY = "imports".getBytes(UTF_8);

  /** How a term begins: with what it reads, what it writes, and how. */
  record Setup(
      PostgresEventStorageEngine store,
      EventLog log,
      EventSerializer serializer,
      RelayProperties properties,
      RelayTopics topics,
      PublishedPosition published,
      Map<String, Object> producerSettings,
      JsonMapper json) {}

  private final Setup setup;
  private final KafkaProducer<byte[], byte[]> producer;
  private final int partitions;
  private final EventRecords events;
  private final StateRecords states;
  private @Nullable RelayPosition last;

  private RelayTerm(Setup setup, int partitions) {
    RelayProperties properties = setup.properties();
    this.setup = setup;
    this.partitions = partitions;
    events = new EventRecords(setup.serializer(), properties.eventsTopic(), partitions);
    states = new StateRecords(setup.store(), setup.json(), properties.stateTopic(), partitions);
    producer =
        new KafkaProducer<>(
            producerSettings(setup.producerSettings(), properties, properties.positionTopic()),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  /**
   * Ends what a predecessor left open, keeps it from committing anything more, and finds where to
   * go on.
   *
   * @throws PublicationStoppedException when going on would publish something wrongly
   */
  static RelayTerm begin(Setup setup)
      throws InterruptedException, ExecutionException, TimeoutException {
    var term = new RelayTerm(setup, setup.topics().prepare());
    try {
      term.producer.initTransactions();
      term.last = setup.published().read(term.partitions).orElse(null);
      return term;
    } catch (RuntimeException e) {
      term.close();
      throw e;
    }
  }

  /** The position of the last published event, 0 before the first. */
  long position() {
    return last == null ? 0 : last.position();
  }

  /**
   * Publishes the next events, as many as one transaction takes.
   *
   * @return how many
   * @throws PublicationStoppedException when the very next one cannot be published
   */
  int publishNext() {
    requireSamePartitions();
    List<TrackedEventMessage<?>> next = next();
    while (!next.isEmpty()) {
      try {
        commit(records(next), next.getLast());
        return next.size();
      } catch (PublicationStoppedException e) {
        if (next.size() == 1) throw e;
        // One of them is in the way. What precedes it is published, in some transactions.
        next = next.subList(0, next.size() / 2);
      }
    }
    return 0;
  }

  private List<ProducerRecord<byte[], byte[]>> records(List<TrackedEventMessage<?>> next) {
    var records = new ArrayList<ProducerRecord<byte[], byte[]>>();
    for (TrackedEventMessage<?> event : next) records.add(events.record(event));
    records.addAll(states.records(next, position()));
    return records;
  }

  private void commit(List<ProducerRecord<byte[], byte[]>> records, TrackedEventMessage<?> end) {
    var position =
        new RelayPosition(
            end.trackingToken().position().orElseThrow(),
            UUID.fromString(end.getIdentifier()),
            partitions);
    records.add(
        new ProducerRecord<>(
            setup.properties().positionTopic(),
            POSITION_KEY,
            setup.json().writeValueAsBytes(position)));

    producer.beginTransaction();
    // A failed send fails the commit.
    for (var record : records) {
      var _ = producer.send(record);
    }
    producer.commitTransaction();
    last = position;
  }

  /** The events after the last published one, once the store has been seen to still hold that. */
  private List<TrackedEventMessage<?>> next() {
    int most = setup.properties().batchSize();
    RelayPosition published = last;
    if (published == null) return read(0, most);
    List<TrackedEventMessage<?>> stored = read(published.position() - 1, most + 1);
    if (stored.isEmpty()
        || !stored.getFirst().getIdentifier().equals(published.eventId().toString())) {
      throw new PublicationStoppedException(
          """
          Kafka has event %s at position %d and the event store does not: the store was restored to \
          an earlier point, or is another one. Restore a later one. %s\
          """
              .formatted(
                  published.eventId(), published.position(), setup.properties().startOver()));
    }
    return stored.subList(1, stored.size());
  }

  private List<TrackedEventMessage<?>> read(long after, int limit) {
    return setup.log().after(after, limit).stream()
        .<TrackedEventMessage<?>>map(RecordedEvent::message)
        .toList();
  }

  private void requireSamePartitions() {
    String topic = setup.properties().eventsTopic();
    int now = producer.partitionsFor(topic).size();
    if (now != partitions) throw setup.properties().partitionsChanged(topic, partitions, now);
  }

  /** What is not committed by now never will be: there is nothing to wait for. */
  @Override
  public void close() {
    producer.close(Duration.ZERO);
  }

  /** Of a producer that gives up in time, and that fences all others of its transactional id. */
  static Map<String, Object> producerSettings(
      Map<String, Object> given, RelayProperties properties, String transactionalId) {
    int millis = (int) properties.timeout().toMillis();
    var settings = new HashMap<>(given);
    settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    settings.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, millis);
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, millis);
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, millis);
    settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, Math.max(500, millis / 3));
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    // Another number of partitions is noticed this soon.
    settings.put(ProducerConfig.METADATA_MAX_AGE_CONFIG, 2000);
    return settings;
  }
}
