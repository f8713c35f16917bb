package com.sdragent.imports.command.publication.replay;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sdragent.imports.command.publication.RelayProperties;
import com.sdragent.imports.command.publication.kafka.EventRecords;
import com.sdragent.imports.command.publication.kafka.PublicationStoppedException;
import com.sdragent.imports.command.publication.kafka.TopicEnds;
import com.sdragent.imports.command.publication.kafka.TransactionalProducer;
import com.sdragent.imports.command.publication.kafka.UnpublishableEventException;
import com.sdragent.imports.events.kafka.EventHeaders;
import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.RecordedEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Publishes for one replay with one producer. It keeps any producer that wrote to the target
 * before, for this replay or an earlier one, from committing anything more. Each record names its
 * replay, so the last committed record can be read back from the target.
 */
final class ReplayTerm implements AutoCloseable {
  /** What a term reads, what it writes, and how. */
  record Setup(
      EventLog log,
      RelayProperties properties,
      ReplayTarget target,
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
    events = new EventRecords(replay.target(), partitions);
    producer =
        new KafkaProducer<>(
            TransactionalProducer.settings(
                setup.producerSettings(), setup.properties().timeout(), replay.target()),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  /**
   * Makes sure of the target, and ends the transaction that a predecessor left open.
   *
   * @throws PublicationStoppedException when the target is not the one that the replay began with
   */
  static ReplayTerm begin(Setup setup, Replay replay)
      throws InterruptedException, ExecutionException, TimeoutException {
    int partitions = setup.target().prepare(replay.target(), replay.partitions());
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

  /**
   * Publishes these events in one transaction, up to the first that cannot be published.
   *
   * @return how many
   * @throws PublicationStoppedException when the very first one cannot be published
   */
  int publish(List<RecordedEvent> selected) {
    List<ProducerRecord<byte[], byte[]>> records = records(selected);
    producer.beginTransaction();
    // A failed send fails the commit.
    for (var record : records) {
      var _ = producer.send(record);
    }
    producer.commitTransaction();
    return records.size();
  }

  private List<ProducerRecord<byte[], byte[]>> records(List<RecordedEvent> selected) {
    var records = new ArrayList<ProducerRecord<byte[], byte[]>>(selected.size());
    for (RecordedEvent event : selected) {
      try {
        var record = events.record(event, EventRecords.read(event));
        record.headers().add(EventHeaders.REPLAY, replay.id().toString().getBytes(UTF_8));
        records.add(record);
      } catch (PublicationStoppedException | UnpublishableEventException e) {
        if (!records.isEmpty()) break;
        if (e instanceof PublicationStoppedException) throw e;
        throw new PublicationStoppedException(
            "The event at position %s cannot be published. %s. The events before it are published; ask again for those after it, with from_position %s"
                .formatted(event.position(), e.getMessage(), event.position() + 1));
      }
    }
    return records;
  }

  /** The highest position that this replay has committed, or 0 when there is none. */
  long committed() {
    try (var ends = new TopicEnds(setup.consumerSettings(), setup.properties().timeout())) {
      return ends.last(ends.partitions(replay.target())).values().stream()
          .filter(
              record ->
                  replay
                      .id()
                      .toString()
                      .equals(EventHeaders.text(record.headers(), EventHeaders.REPLAY)))
          .mapToLong(EventRecords::position)
          .max()
          .orElse(0);
    }
  }

  /** Closes without waiting: a transaction that is not committed by now never will be. */
  @Override
  public void close() {
    producer.close(Duration.ZERO);
  }
}
