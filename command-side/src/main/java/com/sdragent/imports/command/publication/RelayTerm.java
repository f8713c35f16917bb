package com.sdragent.imports.command.publication;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sdragent.imports.command.publication.kafka.EventRecords;
import com.sdragent.imports.command.publication.kafka.PublicationStoppedException;
import com.sdragent.imports.command.publication.kafka.TransactionalProducer;
import com.sdragent.imports.command.publication.parked.DiscardedPublication;
import com.sdragent.imports.command.publication.parked.ParkedPublication;
import com.sdragent.imports.command.publication.parked.ParkedPublications;
import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.PostgresEventStorageEngine;
import com.sdragent.imports.eventstore.RecordedEvent;
import com.sdragent.imports.traces.SharedWork;
import com.sdragent.imports.traces.Traces;
import io.opentelemetry.api.trace.SpanKind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Publishes with one Kafka producer, from the position that it found on. A term ends with the first
 * failure: it never guesses whether a lost answer meant yes or no, and the next term reads the
 * position back.
 *
 * <p>An event that cannot be published is parked in the position record, in the transaction that
 * publishes those around it. The later events of its import wait.
 */
final class RelayTerm implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RelayTerm.class);

  /**
   * A full transaction's share of one of six partitions, at half a kilobyte a record: brokers
   * check, write and flush each batch by itself.
   */
  private static final int BATCH_BYTES = 128 * 1024;

  private static final byte[] POSITION_KEY = "imports".getBytes(UTF_8);
  private static final String TOO_LARGE =
      "Kafka refuses it as too large: raise max.message.bytes of the topic and max.request.size of"
          + " the producer";

  /**
   * The things that a term begins with: what it reads, what it writes, and how.
   *
   * @param holder the holder of the lease
   */
  record Setup(
      PostgresEventStorageEngine store,
      EventLog log,
      RelayProperties properties,
      RelayTopics topics,
      PublishedPosition published,
      ParkedPublications parked,
      UUID holder,
      Map<String, Object> producerSettings,
      JsonMapper json,
      Traces traces) {}

  private final Setup setup;
  private final KafkaProducer<byte[], byte[]> producer;
  private final int partitions;
  private final Batch.Target target;
  private final ImportStates states;
  private RelayPosition last;

  private RelayTerm(Setup setup, RelayTopics.Prepared topics) {
    RelayProperties properties = setup.properties();
    this.setup = setup;
    partitions = topics.partitions();
    last = RelayPosition.none(partitions);
    target =
        new Batch.Target(
            new EventRecords(properties.eventsTopic(), partitions),
            properties.stateTopic(),
            partitions,
            setup.json());
    states = new ImportStates(setup.store());
    Map<String, Object> settings =
        TransactionalProducer.settings(
            setup.producerSettings(), properties.timeout(), properties.positionTopic());
    // A producer splits a batch that a topic refuses into such as it may fill, so it may not fill
    // larger ones than every topic takes.
    Object wanted = settings.getOrDefault(ProducerConfig.BATCH_SIZE_CONFIG, BATCH_BYTES);
    settings.put(
        ProducerConfig.BATCH_SIZE_CONFIG,
        Math.min(Integer.parseInt(String.valueOf(wanted).strip()), topics.largestBatch()));
    producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /**
   * Ends the transaction that a predecessor left open, keeps it from committing anything more, and
   * finds where to continue.
   *
   * @throws PublicationStoppedException when going on would publish something wrongly
   */
  static RelayTerm begin(Setup setup)
      throws InterruptedException, ExecutionException, TimeoutException {
    var term = new RelayTerm(setup, setup.topics().prepare());
    try {
      term.producer.initTransactions();
      term.last = setup.published().read(term.partitions);
      // A predecessor may have died between its commit and this copy.
      term.mirror(term.last);
      return term;
    } catch (RuntimeException | Error e) {
      term.close();
      throw e;
    }
  }

  /** How far events are published. */
  RelayPosition last() {
    return last;
  }

  /**
   * Publishes the next events, as many as one transaction takes.
   *
   * @return how many it has taken, including those that were parked
   * @throws PublicationStoppedException when this node cannot publish even the next one
   */
  int publishNext() {
    requireSamePartitions();
    List<RecordedEvent> next = next();
    if (next.isEmpty()) return 0;
    return publish(
        next,
        last.parked(),
        last.position(),
        (batch, taken) -> {
          RecordedEvent end = next.get(taken - 1);
          return new RelayPosition(
              end.position(),
              end.eventId(),
              partitions,
              batch.ends(),
              List.copyOf(batch.parked().values()),
              last.discarded());
        });
  }

  /** The new position after a batch. */
  @FunctionalInterface
  interface Advance {
    /**
     * The position that is then published.
     *
     * @param taken how many of its events the batch has taken
     */
    RelayPosition position(Batch batch, int taken);
  }

  /**
   * Publishes as many of these events as possible, with the new position, in one transaction.
   *
   * @param blocked the imports whose events wait
   * @param upTo up to where the events of all other imports are published
   * @return how many were taken
   */
  int publish(
      List<RecordedEvent> events,
      Collection<ParkedPublication> blocked,
      long upTo,
      Advance advance) {
    ImportStates.Found before = before(events, blocked, upTo);
    var refused = new HashMap<Long, String>();
    while (true) {
      var batch = new Batch(target, before, blocked, Objects.requireNonNull(last.ends()), refused);
      int taken = batch.take(events);
      RelayPosition next = advance.position(batch, taken);
      long tooLarge = commitTraced(batch.records(), events.subList(0, taken), next);
      if (tooLarge == 0) {
        states.remember(batch.states());
        committed(next);
        return taken;
      }
      refused.put(tooLarge, TOO_LARGE);
    }
  }

  /** The states of the imports that these events change but do not create. */
  private ImportStates.Found before(
      List<RecordedEvent> events, Collection<ParkedPublication> blocked, long upTo) {
    Set<UUID> waiting =
        blocked.stream().map(ParkedPublication::importId).collect(Collectors.toSet());
    Set<UUID> created = new HashSet<>();
    Set<UUID> changed = new HashSet<>();
    for (RecordedEvent event : events) {
      if (event.sequence() == 0) created.add(event.importId());
      else changed.add(event.importId());
    }
    changed.removeAll(created);
    changed.removeAll(waiting);
    ImportStates.Found found = states.of(changed, upTo, last.discarded());
    // The folded events are of the published history only if the store still holds the last
    // published event.
    if (found.folded()) requireStored();
    return found;
  }

  /** Each record of a request that is recorded names the part of the work that is its own. */
  private long commitTraced(
      List<ProducerRecord<byte[], byte[]>> records,
      List<RecordedEvent> events,
      RelayPosition next) {
    if (!setup.traces().areOn()) return commit(records, next);
    var parents = new HashMap<Long, String>();
    for (RecordedEvent event : events) {
      String parent = event.traceParent();
      if (parent != null) parents.put(event.position(), parent);
    }
    try (SharedWork work =
        setup
            .traces()
            .shared("publish batch", SpanKind.PRODUCER, Instant.now(), parents.values().stream())
            .with("messaging.system", "kafka")
            .with("messaging.destination.name", setup.properties().eventsTopic())
            .with("messaging.batch.message_count", records.size())
            .inParts("publish")) {
      for (var record : records) {
        String part = work.traceParent(parents.get(EventRecords.position(record)));
        if (part != null) record.headers().add("traceparent", part.getBytes(UTF_8));
      }
      try {
        return commit(records, next);
      } catch (RuntimeException e) {
        work.failed(e);
        throw e;
      }
    }
  }

  /**
   * Returns 0, or the position of an event that is too large for Kafka, in which case nothing is
   * published.
   */
  private long commit(List<ProducerRecord<byte[], byte[]>> records, RelayPosition next) {
    String topic = setup.properties().positionTopic();
    var all = new ArrayList<>(records);
    all.add(new ProducerRecord<>(topic, POSITION_KEY, setup.json().writeValueAsBytes(next)));
    var answers = new ArrayList<Future<RecordMetadata>>(all.size());
    producer.beginTransaction();
    try {
      // A failed send fails the commit.
      for (var record : all) answers.add(producer.send(record));
      producer.commitTransaction();
      return 0;
    } catch (KafkaException e) {
      for (int i = 0; i < answers.size(); i++) {
        if (!isTooLarge(answers.get(i))) continue;
        long position = EventRecords.position(all.get(i));
        if (position == 0) {
          throw new PublicationStoppedException(
              "The record of what is parked is too large for the topic %s: raise its max.message.bytes"
                  .formatted(topic));
        }
        producer.abortTransaction();
        return position;
      }
      throw e;
    }
  }

  private static boolean isTooLarge(Future<RecordMetadata> answer) {
    return answer.state() == Future.State.FAILED
        && answer.exceptionNow() instanceof RecordTooLargeException;
  }

  private void committed(RelayPosition next) {
    RelayPosition before = last;
    last = next;
    boolean changed =
        !next.parked().equals(before.parked()) || !next.discarded().equals(before.discarded());
    if (!changed) return;
    for (ParkedPublication one : next.parked()) {
      if (one.error() == null || before.parked().contains(one)) continue;
      log.error(
          "The event at position {} cannot be published and is parked; the later ones of import {}"
              + " wait behind it: {}",
          one.position(),
          one.importId(),
          one.error());
    }
    for (DiscardedPublication one : next.discarded()) {
      if (before.discarded().contains(one)) continue;
      log.warn("The event at position {} is discarded: it is never published", one.position());
    }
    mirror(next);
  }

  /** What is answered to operators is what they see: without the turn, the successor does both. */
  private void mirror(RelayPosition position) {
    boolean copied =
        setup
            .parked()
            .mirror(position.parked(), position.discarded(), RelayLease.NAME, setup.holder());
    if (!copied) throw new ProducerFencedException("The lease is another node's");
  }

  /** The events after the last published one, after a check that the store still holds that one. */
  private List<RecordedEvent> next() {
    int most = setup.properties().batchSize();
    if (last.position() == 0) return setup.log().eventsAfter(0, most);
    List<RecordedEvent> stored = setup.log().following(last.position(), most + 1);
    requireLast(stored);
    return stored.subList(1, stored.size());
  }

  /**
   * Makes sure that the events read before this call are of the published history.
   *
   * @throws PublicationStoppedException when the store went back and no longer holds the last
   *     published event
   */
  void requireStored() {
    if (last.position() > 0) requireLast(setup.log().eventsAfter(last.position() - 1, 1));
  }

  private void requireLast(List<RecordedEvent> stored) {
    if (!stored.isEmpty() && stored.getFirst().eventId().equals(last.eventId())) return;
    throw new PublicationStoppedException(
        """
        Kafka has event %s at position %s and the event store does not: the store was restored to \
        an earlier point, or is another one. Restore a later one. %s\
        """
            .formatted(last.eventId(), last.position(), setup.properties().startOver()));
  }

  private void requireSamePartitions() {
    String topic = setup.properties().eventsTopic();
    int now = producer.partitionsFor(topic).size();
    if (now != partitions) throw setup.properties().partitionsChanged(topic, partitions, now);
  }

  /** Closes without waiting: a transaction that is not committed by now never will be. */
  @Override
  public void close() {
    producer.close(Duration.ZERO);
  }
}
