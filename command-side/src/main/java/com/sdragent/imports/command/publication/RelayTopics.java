package com.sdragent.imports.command.publication;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The topics that the relay writes: made when they are missing, checked when they are there. */
final class RelayTopics {
  private static final Logger log = LoggerFactory.getLogger(RelayTopics.class);

  /** Any one broker may go without anything being lost or publishing standing still. */
  private static final short REPLICAS_WITH_A_SPARE = 3;

  private final RelayProperties properties;
  private final Map<String, Object> client;

  RelayTopics(RelayProperties properties, Map<String, Object> client) {
    this.properties = properties;
    int millis = (int) properties.timeout().toMillis();
    this.client = new HashMap<>(client);
    // Closing waits for the calls under way, also for those that nobody waits for any more.
    this.client.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, millis);
    this.client.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, millis);
  }

  /**
   * Makes sure that all topics are there and fit for what they are for.
   *
   * @return how many partitions the events' topic has
   * @throws PublicationStoppedException when one is not as it must be
   */
  int prepare() throws InterruptedException, ExecutionException, TimeoutException {
    try (Admin admin = Admin.create(client)) {
      create(admin);
      return check(admin);
    }
  }

  /**
   * Makes sure that the target of a private replay is there.
   *
   * @param partitions how many it had when the replay began, null before that
   * @return how many partitions it has
   * @throws PublicationStoppedException when it is not the one that the replay began with
   */
  int prepareTarget(String target, @Nullable Integer partitions)
      throws InterruptedException, ExecutionException, TimeoutException {
    try (Admin admin = Admin.create(client)) {
      Set<String> present = within(admin.listTopics().names());
      boolean missing = !present.contains(target);
      if (missing && partitions == null) {
        requireNoCollision(target, present);
        NewTopic topic = topic(target, properties.partitions(), replicas(admin), Map.of());
        within(admin.createTopics(List.of(topic)).all());
      } else if (missing) {
        throw new PublicationStoppedException(
            "The topic %s was deleted during the replay: ask for it again".formatted(target));
      }
      int now = partitions(within(admin.describeTopics(List.of(target)).allTopicNames()), target);
      if (partitions != null && now != partitions) {
        throw new PublicationStoppedException(
            "The topic %s had %s partitions when the replay began and has %s now: the events of one import would lie in two of them. Ask for it again with another target"
                .formatted(target, partitions, now));
      }
      return now;
    }
  }

  /** Kafka keeps metrics of topics under names in which . and _ are the same, and refuses both. */
  private static void requireNoCollision(String target, Set<String> present) {
    for (String name : present) {
      if (!name.replace('.', '_').equals(target.replace('.', '_'))) continue;
      throw new PublicationStoppedException(
          "Kafka refuses the name %s: it differs from that of the topic %s by . and _ only. Ask for the replay again with another target"
              .formatted(target, name));
    }
  }

  private void create(Admin admin)
      throws InterruptedException, ExecutionException, TimeoutException {
    Set<String> present = within(admin.listTopics().names());
    var missing = new ArrayList<NewTopic>();
    short replicas = replicas(admin);
    for (NewTopic topic : List.of(events(replicas), state(replicas), position(replicas))) {
      if (!present.contains(topic.name())) missing.add(topic);
    }
    if (!missing.isEmpty()) within(admin.createTopics(missing).all());
  }

  /** Kept for ever, so that a consumer can begin at the first event. */
  private NewTopic events(short replicas) {
    return topic(
        properties.eventsTopic(),
        properties.partitions(),
        replicas,
        Map.of(
            TopicConfig.CLEANUP_POLICY_CONFIG,
            TopicConfig.CLEANUP_POLICY_DELETE,
            TopicConfig.RETENTION_MS_CONFIG,
            "-1",
            TopicConfig.RETENTION_BYTES_CONFIG,
            "-1"));
  }

  /** The tombstone of a deleted import stays for a week: a consumer may be away for that long. */
  private NewTopic state(short replicas) {
    return topic(
        properties.stateTopic(),
        properties.partitions(),
        replicas,
        Map.of(
            TopicConfig.CLEANUP_POLICY_CONFIG,
            TopicConfig.CLEANUP_POLICY_COMPACT,
            TopicConfig.DELETE_RETENTION_MS_CONFIG,
            Long.toString(TimeUnit.DAYS.toMillis(7))));
  }

  /** One record a transaction, of which the last counts: small segments are compacted soon. */
  private NewTopic position(short replicas) {
    return topic(
        properties.positionTopic(),
        1,
        replicas,
        Map.of(
            TopicConfig.CLEANUP_POLICY_CONFIG,
            TopicConfig.CLEANUP_POLICY_COMPACT,
            TopicConfig.SEGMENT_BYTES_CONFIG,
            Integer.toString(16 * 1024 * 1024)));
  }

  private short replicas(Admin admin)
      throws InterruptedException, ExecutionException, TimeoutException {
    if (properties.replicationFactor() != -1) return properties.replicationFactor();
    int brokers = within(admin.describeCluster().nodes()).size();
    return (short) Math.min(REPLICAS_WITH_A_SPARE, brokers);
  }

  private static NewTopic topic(
      String name, int partitions, short replicas, Map<String, String> config) {
    var settings = new HashMap<>(config);
    // What is acknowledged is in two places at least, also while one broker is away.
    if (replicas >= REPLICAS_WITH_A_SPARE) {
      settings.put(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, "2");
    }
    return new NewTopic(name, partitions, replicas).configs(settings);
  }

  private int check(Admin admin) throws InterruptedException, ExecutionException, TimeoutException {
    String events = properties.eventsTopic();
    String state = properties.stateTopic();
    String position = properties.positionTopic();
    Map<String, TopicDescription> topics =
        within(admin.describeTopics(List.of(events, state, position)).allTopicNames());
    requirePolicy(admin, events, TopicConfig.CLEANUP_POLICY_DELETE);
    requirePolicy(admin, state, TopicConfig.CLEANUP_POLICY_COMPACT);
    requirePolicy(admin, position, TopicConfig.CLEANUP_POLICY_COMPACT);
    int partitions = partitions(topics, events);
    if (partitions(topics, position) != 1) {
      throw new PublicationStoppedException(
          "The topic %s has %s partitions and must have one. %s"
              .formatted(position, partitions(topics, position), properties.startOver()));
    }
    if (partitions(topics, state) != partitions) {
      throw new PublicationStoppedException(
          "The topic %s has %s partitions and must have as many as %s, which has %s. %s"
              .formatted(
                  state, partitions(topics, state), events, partitions, properties.startOver()));
    }
    return partitions;
  }

  private static int partitions(Map<String, TopicDescription> topics, String name) {
    TopicDescription topic = topics.get(name);
    if (topic == null) throw new IllegalStateException("Kafka did not describe " + name);
    return topic.partitions().size();
  }

  private void requirePolicy(Admin admin, String topic, String policy)
      throws InterruptedException, ExecutionException, TimeoutException {
    var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    Config config = within(admin.describeConfigs(List.of(resource)).all()).get(resource);
    if (config == null) throw new IllegalStateException("Kafka did not describe " + topic);
    String actual = value(config, TopicConfig.CLEANUP_POLICY_CONFIG);
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
        && !value(config, TopicConfig.RETENTION_MS_CONFIG).equals("-1")) {
      log.warn(
          "The topic {} has a limited retention: no consumer can begin at the first event", topic);
    }
  }

  private static String value(Config config, String name) {
    ConfigEntry entry = config.get(name);
    return entry == null ? "" : entry.value();
  }

  private <T> T within(KafkaFuture<T> answer)
      throws InterruptedException, ExecutionException, TimeoutException {
    return answer.get(properties.timeout().toMillis(), TimeUnit.MILLISECONDS);
  }
}
