package com.sdragent.imports.command.publication;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sdragent.imports.eventstore.EventSerializer;
import com.sdragent.imports.eventstore.Notifications;
import com.sdragent.imports.eventstore.PostgresEventStorageEngine;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Publishes the store's events to Kafka, each exactly once for a {@code read_committed} consumer
 * and in the order of their positions for each key: the events and the new position are committed
 * in one Kafka transaction, and whoever takes over reads the position back after fencing its
 * predecessor. The store is the outbox; no request ever waits for Kafka.
 */
public final class Relay implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(Relay.class);
  private static final byte[] POSITION_KEY = "imports".getBytes(UTF_8);
  private static final Duration POLL = Duration.ofMillis(250);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

  /** What the relay of this node is doing. */
  public enum Status {
    /** Another node publishes. */
    STANDBY,
    /** This node publishes. */
    ACTIVE,
    /** Kafka or the store does not answer; it tries again. */
    WAITING,
    /** It needs somebody to decide; it looks again now and then. */
    STOPPED
  }

  /**
   * A moment's view.
   *
   * @param position the last published position known to this node, -1 when it knows none
   * @param problem why it does not publish, or null
   */
  public record Progress(Status status, long position, @Nullable String problem) {}

  private final PostgresEventStorageEngine store;
  private final RelayProperties properties;
  private final RelayLease lease;
  private final RelayTopics topics;
  private final EventRecords records;
  private final Map<String, Object> producerSettings;
  private final JsonMapper json;
  private final Semaphore wakeUps = new Semaphore(0);
  private volatile Progress progress = new Progress(Status.STANDBY, -1, null);
  private volatile CountDownLatch stopping = new CountDownLatch(1);
  private volatile @Nullable Thread thread;

  Relay(
      PostgresEventStorageEngine store,
      EventSerializer serializer,
      RelayProperties properties,
      RelayLease lease,
      RelayTopics topics,
      Notifications notifications,
      Map<String, Object> producerSettings,
      JsonMapper json) {
    this.store = store;
    this.properties = properties;
    this.lease = lease;
    this.topics = topics;
    this.json = json;
    records = new EventRecords(serializer, properties.eventsTopic());
    this.producerSettings = new HashMap<>(producerSettings);
    int millis = (int) properties.timeout().toMillis();
    this.producerSettings.putAll(
        Map.of(
            ProducerConfig.TRANSACTIONAL_ID_CONFIG,
            properties.positionTopic(),
            ProducerConfig.ACKS_CONFIG,
            "all",
            ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
            true,
            ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
            millis,
            ProducerConfig.MAX_BLOCK_MS_CONFIG,
            millis,
            ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
            millis,
            ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
            Math.max(500, millis / 3),
            ProducerConfig.LINGER_MS_CONFIG,
            0));
    notifications.on(Notifications.Channel.DOMAIN_EVENT, _ -> wake());
  }

  /** What it is doing now. */
  public Progress progress() {
    return progress;
  }

  /** How many stored events are not published, NaN when another node publishes. */
  double lagEvents() {
    long position = progress.position();
    return position < 0 ? Double.NaN : store.head() - position;
  }

  /** The age in seconds of the oldest event that is not published, NaN as above. */
  double lagSeconds() {
    long position = progress.position();
    if (position < 0) return Double.NaN;
    List<TrackedEventMessage<?>> next = read(position, 1);
    if (next.isEmpty()) return 0;
    return Duration.between(next.getFirst().getTimestamp(), Instant.now()).toMillis() / 1000.0;
  }

  @Override
  public void start() {
    if (!properties.enabled()) return;
    stopping = new CountDownLatch(1);
    thread = Thread.ofPlatform().name("relay").start(this::run);
  }

  /** Ends the transaction under way and lets another node take over. */
  @Override
  public void stop() {
    Thread running = thread;
    thread = null;
    if (running == null) return;
    stopping.countDown();
    wake();
    try {
      if (!running.join(properties.timeout())) running.interrupt();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public boolean isRunning() {
    return thread != null;
  }

  private boolean isStopping() {
    return stopping.getCount() == 0;
  }

  private void wake() {
    if (wakeUps.availablePermits() == 0) wakeUps.release();
  }

  private void run() {
    while (!isStopping()) {
      try {
        if (lease.isOurs()) {
          publish();
        } else {
          at(Status.STANDBY, -1, null);
          pause(POLL);
        }
      } catch (PublicationStoppedException e) {
        if (progress.status() != Status.STOPPED)
          log.error("Publishing stopped: {}", e.getMessage());
        at(Status.STOPPED, progress.position(), e.getMessage());
        pause(PAUSE_AFTER_FAILURE);
      } catch (KafkaException | DataAccessException | ExecutionException | TimeoutException e) {
        String problem = e.getClass().getSimpleName() + ": " + e.getMessage();
        if (progress.status() != Status.WAITING) log.warn("Publishing waits: {}", problem);
        at(Status.WAITING, progress.position(), problem);
        pause(PAUSE_AFTER_FAILURE);
      } catch (InterruptedException e) {
        break;
      } catch (RuntimeException e) {
        log.error("Publishing failed unexpectedly", e);
        at(Status.WAITING, progress.position(), e.getClass().getSimpleName());
        pause(PAUSE_AFTER_FAILURE);
      }
    }
    try {
      lease.giveUp();
    } catch (DataAccessException e) {
      log.debug("The lease runs out by itself", e);
    }
  }

  /** Publishes for as long as it is this node's turn. */
  private void publish() throws InterruptedException, ExecutionException, TimeoutException {
    topics.create();
    var producer =
        new KafkaProducer<>(producerSettings, new ByteArraySerializer(), new ByteArraySerializer());
    try {
      // Ends what a predecessor left open and keeps it from committing anything more.
      producer.initTransactions();
      long position = recoverPosition();
      at(Status.ACTIVE, position, null);
      while (!isStopping() && lease.isOurs()) {
        List<TrackedEventMessage<?>> events = read(position);
        if (events.isEmpty()) {
          if (wakeUps.tryAcquire(POLL.toMillis(), TimeUnit.MILLISECONDS)) wakeUps.drainPermits();
          continue;
        }
        position = publish(producer, events);
        at(Status.ACTIVE, position, null);
      }
    } finally {
      // What is not committed by now never will be: there is nothing to wait for.
      producer.close(Duration.ZERO);
    }
  }

  private long publish(
      KafkaProducer<byte[], byte[]> producer, List<TrackedEventMessage<?>> events) {
    var messages = events.stream().map(records::record).toList();
    TrackedEventMessage<?> last = events.getLast();
    var position =
        new RelayPosition(
            last.trackingToken().position().orElseThrow(), UUID.fromString(last.getIdentifier()));
    producer.beginTransaction();
    // A failed send fails the commit.
    for (var message : messages) {
      var _ = producer.send(message);
    }
    var _ =
        producer.send(
            new ProducerRecord<>(
                properties.positionTopic(), POSITION_KEY, json.writeValueAsBytes(position)));
    // Fails when any record was not acknowledged; whether a lost answer means yes or no is not
    // guessed: the producer is closed and the position read back.
    producer.commitTransaction();
    return position.position();
  }

  private long recoverPosition() {
    RelayPosition last = topics.position().orElse(null);
    if (last == null) return 0;
    List<TrackedEventMessage<?>> stored = read(last.position() - 1, 1);
    if (stored.isEmpty() || !stored.getFirst().getIdentifier().equals(last.eventId().toString())) {
      throw new PublicationStoppedException(
          """
          Kafka has event %s at position %d, the event store does not: the store was restored to an \
          earlier point. Restore a later one, or empty the topics %s and %s and publish anew\
          """
              .formatted(
                  last.eventId(),
                  last.position(),
                  properties.eventsTopic(),
                  properties.positionTopic()));
    }
    return last.position();
  }

  private List<TrackedEventMessage<?>> read(long after) {
    return read(after, properties.batchSize());
  }

  private List<TrackedEventMessage<?>> read(long after, int limit) {
    try (Stream<? extends TrackedEventMessage<?>> events =
        store.readEvents(new GlobalSequenceTrackingToken(after), false)) {
      return events.limit(limit).<TrackedEventMessage<?>>map(event -> event).toList();
    }
  }

  private void at(Status status, long position, @Nullable String problem) {
    progress = new Progress(status, position, problem);
  }

  private void pause(Duration length) {
    try {
      stopping.await(length.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      stopping.countDown();
    }
  }
}
