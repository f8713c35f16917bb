package com.sdragent.imports.tool.verify;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sdragent.imports.tool.terminal.CannotLookException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * A topic of one partition whose records are checkpoints and are never removed. Each is added by a
 * transaction, and whoever begins one ends those that others left open, by the transactional id.
 */
final class WitnessTopic implements Witness {
  private static final String ANSWER_WITHIN_MILLIS = "10000";
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration SILENCE = Duration.ofSeconds(20);
  private static final Map<String, String> KEPT_FOR_EVER =
      Map.of("cleanup.policy", "delete", "retention.ms", "-1", "retention.bytes", "-1");

  private final String topic;
  private final Map<String, Object> settings = new HashMap<>();
  private @Nullable KafkaProducer<byte[], byte[]> adding;

  WitnessTopic(String topic, Properties given) {
    this.topic = topic;
    settings.put("request.timeout.ms", ANSWER_WITHIN_MILLIS);
    settings.put("default.api.timeout.ms", ANSWER_WITHIN_MILLIS);
    settings.put("max.block.ms", ANSWER_WITHIN_MILLIS);
    settings.put("delivery.timeout.ms", "20000");
    given.stringPropertyNames().forEach(name -> settings.put(name, given.getProperty(name)));
    settings.put("client.id", "imports-tool");
    settings.put("isolation.level", "read_committed");
    settings.put("allow.auto.create.topics", "false");
  }

  @Override
  public List<Checkpoint> checkpoints() throws CannotLookException {
    if (!isThere()) return List.of();
    var partition = new TopicPartition(topic, 0);
    var read = new ArrayList<Checkpoint>();
    try (var consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(Set.of(partition));
      consumer.seekToBeginning(Set.of(partition));
      if (consumer.position(partition) > 0) {
        throw new CannotLookException(
            "--topic: %s begins at offset %s, so its first checkpoints were removed: find out by whom, hold the store against what others kept of them, and begin another topic with --first"
                .formatted(topic, consumer.position(partition)));
      }
      long end = consumer.endOffsets(Set.of(partition)).getOrDefault(partition, 0L);
      long lastSign = System.nanoTime();
      while (consumer.position(partition) < end) {
        ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
        if (!records.isEmpty()) lastSign = System.nanoTime();
        else if (System.nanoTime() - lastSign > SILENCE.toNanos()) {
          throw new TimeoutException("it sent no record for " + SILENCE.toSeconds() + " s");
        }
        for (ConsumerRecord<byte[], byte[]> record : records) {
          read.addAll(Checkpoint.read(record.value()));
        }
      }
      return read;
    } catch (IllegalArgumentException e) {
      throw new CannotLookException("--topic: " + topic + " has a record that is no checkpoint", e);
    } catch (KafkaException e) {
      throw unavailable(e);
    }
  }

  @Override
  public void begin() throws CannotLookException {
    close();
    var transactional = new HashMap<>(settings);
    transactional.put("acks", "all");
    transactional.put("transactional.id", topic);
    try {
      adding =
          new KafkaProducer<>(transactional, new ByteArraySerializer(), new ByteArraySerializer());
      adding.initTransactions();
    } catch (KafkaException e) {
      throw unavailable(e);
    }
  }

  @Override
  public void add(Checkpoint checkpoint) throws CannotLookException {
    if (adding == null) throw new IllegalStateException("It has to be begun");
    try {
      if (!isThere()) make();
      adding.beginTransaction();
      // Without a key: a topic that would remove older records of a key does not take it.
      byte[] value = checkpoint.line().strip().getBytes(UTF_8);
      // When it fails, so does the commit.
      var _ = adding.send(new ProducerRecord<>(topic, 0, null, value));
      adding.commitTransaction();
    } catch (KafkaException e) {
      if (!isEndedByAnother(e)) throw unavailable(e);
      throw new CannotLookException(
          "--topic: another imports-tool adds checkpoints to " + topic + ": let one of them do so",
          e);
    } finally {
      close();
    }
  }

  private static boolean isEndedByAnother(Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof ProducerFencedException
          || cause instanceof InvalidProducerEpochException) return true;
    }
    return false;
  }

  /**
   * Whether there is such a topic.
   *
   * @throws CannotLookException when it is not one that keeps all records in their order
   */
  private boolean isThere() throws CannotLookException {
    try (Admin admin = Admin.create(settings)) {
      TopicDescription description =
          admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic);
      if (description == null || description.partitions().size() != 1) {
        throw new CannotLookException(
            "--topic: %s has several partitions, which keep no order: name one that has one"
                .formatted(topic));
      }
      requireKept(admin);
      return true;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) return false;
      throw unavailable(e);
    } catch (KafkaException e) {
      throw unavailable(e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private void requireKept(Admin admin)
      throws CannotLookException, ExecutionException, InterruptedException {
    var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    Map<String, String> has = new HashMap<>();
    for (Config config : admin.describeConfigs(List.of(resource)).all().get().values()) {
      for (ConfigEntry entry : config.entries()) has.put(entry.name(), entry.value());
    }
    has.keySet().retainAll(KEPT_FOR_EVER.keySet());
    if (has.equals(KEPT_FOR_EVER)) return;
    throw new CannotLookException(
        "--topic: %1$s has %2$s, which would remove checkpoints one day: kafka-configs --bootstrap-server %3$s --alter --entity-type topics --entity-name %1$s --add-config %4$s"
            .formatted(
                topic, commas(has), settings.get("bootstrap.servers"), commas(KEPT_FOR_EVER)));
  }

  private static String commas(Map<String, String> settings) {
    return new TreeMap<>(settings)
        .entrySet().stream().map(Map.Entry::toString).collect(Collectors.joining(","));
  }

  private void make() throws CannotLookException {
    try (Admin admin = Admin.create(settings)) {
      // In as many places as the service's own topics, brokers that are away just now included.
      var all = new DescribeClusterOptions().includeFencedBrokers(true);
      short copies = (short) Math.min(3, admin.describeCluster(all).nodes().get().size());
      var kept = new HashMap<>(KEPT_FOR_EVER);
      if (copies == 3) kept.put("min.insync.replicas", "2");
      var made = new NewTopic(topic, 1, copies).configs(kept);
      admin.createTopics(List.of(made)).all().get();
    } catch (ExecutionException | KafkaException e) {
      throw unavailable(e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private CannotLookException unavailable(Exception e) {
    if (e instanceof InterruptException) return interrupted(e);
    Throwable reason = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
    if (reason.getCause() instanceof KafkaException cause) reason = cause;
    return new CannotLookException(
        "Kafka at %s, topic %s: %s. Correct --bootstrap-servers, --kafka-config or the rights on the topic"
            .formatted(settings.get("bootstrap.servers"), topic, reason.getMessage()),
        e);
  }

  private static CannotLookException interrupted(Exception e) {
    Thread.currentThread().interrupt();
    return new CannotLookException("Interrupted", e);
  }

  /** Without waiting: what is not committed by now is ended by whoever begins next. */
  @Override
  public void close() {
    KafkaProducer<byte[], byte[]> ending = adding;
    adding = null;
    if (ending != null) ending.close(Duration.ZERO);
  }

  @Override
  public String toString() {
    return "--topic: " + topic;
  }
}
