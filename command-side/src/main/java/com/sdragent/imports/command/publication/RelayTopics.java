package com.sdragent.imports.command.publication;

import com.sdragent.imports.command.publication.kafka.PublicationStoppedException;
import com.sdragent.imports.command.publication.kafka.TopicAdmin;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The topics that the relay writes. They are made when they are missing and checked when they
 * exist.
 */
final class RelayTopics {
  private static final Logger log = LoggerFactory.getLogger(RelayTopics.class);

  /**
   * What the relay has to know of the topics.
   *
   * @param partitions how many partitions the topic of events has
   * @param largestBatch the most bytes that all of them take in one batch
   */
  record Prepared(int partitions, int largestBatch) {}

  private final RelayProperties properties;
  private final Map<String, Object> client;

  RelayTopics(RelayProperties properties, Map<String, Object> client) {
    this.properties = properties;
    this.client = client;
  }

  /**
   * Makes sure that all topics exist and are fit for their purpose.
   *
   * @throws PublicationStoppedException when one is not as it must be
   */
  Prepared prepare() throws InterruptedException, ExecutionException, TimeoutException {
    try (var admin = new TopicAdmin(client, properties.timeout())) {
      create(admin);
      return check(admin);
    }
  }

  private void create(TopicAdmin admin)
      throws InterruptedException, ExecutionException, TimeoutException {
    Set<String> present = admin.names();
    var missing = new ArrayList<NewTopic>();
    if (!present.contains(properties.eventsTopic())) missing.add(events(admin));
    if (!present.contains(properties.stateTopic())) missing.add(state(admin));
    if (!present.contains(properties.positionTopic())) missing.add(position(admin));
    if (!missing.isEmpty()) admin.create(missing);
  }

  /** The topic of events. It is kept for ever, so that a consumer can begin at the first event. */
  private NewTopic events(TopicAdmin admin)
      throws InterruptedException, ExecutionException, TimeoutException {
    return admin.topic(
        properties.eventsTopic(),
        properties.partitions(),
        properties.replicationFactor(),
        Map.of(
            TopicConfig.CLEANUP_POLICY_CONFIG,
            TopicConfig.CLEANUP_POLICY_DELETE,
            TopicConfig.RETENTION_MS_CONFIG,
            "-1",
            TopicConfig.RETENTION_BYTES_CONFIG,
            "-1"));
  }

  /**
   * The topic of states. The tombstone of a deleted import stays for a week: a consumer may be away
   * for that long.
   */
  private NewTopic state(TopicAdmin admin)
      throws InterruptedException, ExecutionException, TimeoutException {
    return admin.topic(
        properties.stateTopic(),
        properties.partitions(),
        properties.replicationFactor(),
        Map.of(
            TopicConfig.CLEANUP_POLICY_CONFIG,
            TopicConfig.CLEANUP_POLICY_COMPACT,
            TopicConfig.DELETE_RETENTION_MS_CONFIG,
            Long.toString(TimeUnit.DAYS.toMillis(7))));
  }

  /**
   * The topic of positions, with one record a transaction. Only the last counts, and small segments
   * are compacted soon.
   */
  private NewTopic position(TopicAdmin admin)
      throws InterruptedException, ExecutionException, TimeoutException {
    return admin.topic(
        properties.positionTopic(),
        1,
        properties.replicationFactor(),
        Map.of(
            TopicConfig.CLEANUP_POLICY_CONFIG,
            TopicConfig.CLEANUP_POLICY_COMPACT,
            TopicConfig.SEGMENT_BYTES_CONFIG,
            Integer.toString(16 * 1024 * 1024)));
  }

  private Prepared check(TopicAdmin admin)
      throws InterruptedException, ExecutionException, TimeoutException {
    String events = properties.eventsTopic();
    String state = properties.stateTopic();
    String position = properties.positionTopic();
    int largestBatch =
        IntStream.of(
                requirePolicy(admin, events, TopicConfig.CLEANUP_POLICY_DELETE),
                requirePolicy(admin, state, TopicConfig.CLEANUP_POLICY_COMPACT),
                requirePolicy(admin, position, TopicConfig.CLEANUP_POLICY_COMPACT))
            .min()
            .getAsInt();
    int partitions = admin.partitions(events);
    int ofPosition = admin.partitions(position);
    if (ofPosition != 1) {
      throw new PublicationStoppedException(
          "The topic %s has %s partitions and must have one. %s"
              .formatted(position, ofPosition, properties.startOver()));
    }
    int ofState = admin.partitions(state);
    if (ofState != partitions) {
      throw new PublicationStoppedException(
          "The topic %s has %s partitions and must have as many as %s, which has %s. %s"
              .formatted(state, ofState, events, partitions, properties.startOver()));
    }
    warnOfFewCopies(admin);
    return new Prepared(partitions, largestBatch);
  }

  /** They may have been made while there were fewer brokers. */
  private void warnOfFewCopies(TopicAdmin admin)
      throws InterruptedException, ExecutionException, TimeoutException {
    int wanted = admin.copies(properties.replicationFactor());
    for (String topic :
        List.of(properties.eventsTopic(), properties.stateTopic(), properties.positionTopic())) {
      int copies = admin.copies(topic);
      if (copies >= wanted) continue;
      log.warn(
          "The topic {} has {} copies and would get {} now: give it more by"
              + " kafka-reassign-partitions, and min.insync.replicas=2 with three, or the loss of"
              + " a disk may lose what was published",
          topic,
          copies,
          wanted);
    }
  }

  /** Returns the most bytes that the topic takes in one batch. */
  private static int requirePolicy(TopicAdmin admin, String topic, String policy)
      throws InterruptedException, ExecutionException, TimeoutException {
    Map<String, String> settings = admin.settings(topic);
    String actual = settings.getOrDefault(TopicConfig.CLEANUP_POLICY_CONFIG, "");
    if (!actual.equals(policy)) {
      throw new PublicationStoppedException(
          """
          The topic %s has cleanup.policy=%s, which would remove what consumers need: set it to %s \
          (kafka-configs --alter --entity-type topics --entity-name %1$s --add-config \
          cleanup.policy=%3$s)\
          """
              .formatted(topic, actual, policy));
    }
    if (policy.equals(TopicConfig.CLEANUP_POLICY_DELETE)
        && !"-1".equals(settings.get(TopicConfig.RETENTION_MS_CONFIG))) {
      log.warn(
          "The topic {} has a limited retention: no consumer can begin at the first event", topic);
    }
    String largest = settings.get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG);
    return largest == null ? Integer.MAX_VALUE : Integer.parseInt(largest);
  }
}
