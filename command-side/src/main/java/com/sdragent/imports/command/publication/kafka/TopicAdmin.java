package com.sdragent.imports.command.publication.kafka;

import java.time.Duration;
import java.util.Collection;
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
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;

/** Creates and describes topics; each call ends in time. */
public final class TopicAdmin implements AutoCloseable {
  /**
   * With these, any one broker may fail without a loss of records and without a stop of publishing.
   */
  private static final short REPLICAS_WITH_A_SPARE = 3;

  private final Admin admin;
  private final Duration timeout;

  /**
   * @param clientSettings the settings under {@code spring.kafka}
   * @param timeout how long one call may take
   */
  public TopicAdmin(Map<String, Object> clientSettings, Duration timeout) {
    this.timeout = timeout;
    int millis = (int) timeout.toMillis();
    var settings = new HashMap<>(clientSettings);
    // Closing waits for the calls under way, even for those that nobody waits for any more.
    settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, millis);
    settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, millis);
    admin = Admin.create(settings);
  }

  /** The names of all topics. */
  public Set<String> names() throws InterruptedException, ExecutionException, TimeoutException {
    return within(admin.listTopics().names());
  }

  /**
   * A topic to be created.
   *
   * @param replicationFactor how many copies it gets; -1 for three, or as many as there are brokers
   *     when they are fewer
   * @param config settings besides those that keep acknowledged records
   */
  public NewTopic topic(
      String name, int partitions, short replicationFactor, Map<String, String> config)
      throws InterruptedException, ExecutionException, TimeoutException {
    short replicas = copies(replicationFactor);
    var settings = new HashMap<>(config);
    // An acknowledged record is in at least two places, even while one broker is away.
    if (replicas >= REPLICAS_WITH_A_SPARE) {
      settings.put(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, "2");
    }
    return new NewTopic(name, partitions, replicas).configs(settings);
  }

  /**
   * How many copies a topic would get that is made now. A broker that is away gets its own when it
   * is back.
   *
   * @param replicationFactor as for a topic to be created
   */
  public short copies(short replicationFactor)
      throws InterruptedException, ExecutionException, TimeoutException {
    if (replicationFactor != -1) return replicationFactor;
    var all = new DescribeClusterOptions().includeFencedBrokers(true);
    int brokers = within(admin.describeCluster(all).nodes()).size();
    return (short) Math.min(REPLICAS_WITH_A_SPARE, brokers);
  }

  /** Creates these topics. */
  public void create(Collection<NewTopic> topics)
      throws InterruptedException, ExecutionException, TimeoutException {
    within(admin.createTopics(topics).all());
  }

  /** How many partitions a topic has. */
  public int partitions(String name)
      throws InterruptedException, ExecutionException, TimeoutException {
    return describe(name).partitions().size();
  }

  /** How many copies a topic has, of the partition that has the fewest. */
  public int copies(String name) throws InterruptedException, ExecutionException, TimeoutException {
    return describe(name).partitions().stream()
        .mapToInt(partition -> partition.replicas().size())
        .min()
        .orElseThrow();
  }

  private TopicDescription describe(String name)
      throws InterruptedException, ExecutionException, TimeoutException {
    TopicDescription topic = within(admin.describeTopics(List.of(name)).allTopicNames()).get(name);
    if (topic == null) throw new IllegalStateException("Kafka did not describe " + name);
    return topic;
  }

  /** The settings of a topic, defaults included. */
  public Map<String, String> settings(String topic)
      throws InterruptedException, ExecutionException, TimeoutException {
    var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    Config config = within(admin.describeConfigs(List.of(resource)).all()).get(resource);
    if (config == null) throw new IllegalStateException("Kafka did not describe " + topic);
    var settings = new HashMap<String, String>();
    for (ConfigEntry entry : config.entries()) {
      if (entry.value() != null) settings.put(entry.name(), entry.value());
    }
    return settings;
  }

  private <T> T within(KafkaFuture<T> answer)
      throws InterruptedException, ExecutionException, TimeoutException {
    return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    admin.close();
  }
}
