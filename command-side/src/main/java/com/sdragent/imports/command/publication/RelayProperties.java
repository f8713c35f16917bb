package com.sdragent.imports.command.publication;

import com.sdragent.imports.command.publication.kafka.PublicationStoppedException;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How events are published to Kafka.
 *
 * @param enabled whether this node takes part in publishing
 * @param eventsTopic the topic of the events
 * @param stateTopic the compacted topic of the imports' states
 * @param positionTopic the compacted topic of one partition that holds the relay's position
 * @param partitions how many partitions the topics of events and states get when they are created
 * @param replicationFactor how many copies the topics get when they are created; -1 for three, or
 *     as many as there are brokers when they are fewer
 * @param batchSize the most events that one Kafka transaction publishes
 * @param batchTime how long events gather for the next transaction when one has ended, or up to
 *     five times as long when transactions take long; the first event after a pause is published at
 *     once
 * @param lease how long a node that stops answering keeps the others from publishing
 * @param timeout how long one call to Kafka may take
 */
@ConfigurationProperties("imports.relay")
public record RelayProperties(
    @DefaultValue("true") boolean enabled,
    @DefaultValue("imports.events") String eventsTopic,
    @DefaultValue("imports.state") String stateTopic,
    @DefaultValue("imports.relay") String positionTopic,
    @DefaultValue("6") int partitions,
    @DefaultValue("-1") short replicationFactor,
    @DefaultValue("1000") int batchSize,
    @DefaultValue("20ms") Duration batchTime,
    @DefaultValue("5s") Duration lease,
    @DefaultValue("10s") Duration timeout) {

  public RelayProperties {
    require(!eventsTopic.isBlank(), "events-topic", "must name a topic: set it to imports.events");
    require(
        !stateTopic.isBlank() && !stateTopic.equals(eventsTopic),
        "state-topic",
        "must name a topic of its own: set it to imports.state");
    require(
        !positionTopic.isBlank()
            && !positionTopic.equals(eventsTopic)
            && !positionTopic.equals(stateTopic),
        "position-topic",
        "must name a topic of its own: set it to imports.relay");
    require(partitions > 0, "partitions", "must be positive: set it to a number such as 6");
    require(
        replicationFactor == -1 || replicationFactor > 0,
        "replication-factor",
        "must be positive, or -1 for three or as many as there are brokers");
    require(batchSize > 0, "batch-size", "must be positive: set it to a number such as 1000");
    require(
        !batchTime.isNegative() && batchTime.compareTo(Duration.ofSeconds(1)) <= 0,
        "batch-time",
        "must be between 0 and 1s: set it to a duration such as 20ms");
    require(
        lease.compareTo(Duration.ofSeconds(1)) >= 0,
        "lease",
        "is too short to be kept: set it to 1s or more");
    require(
        timeout.compareTo(Duration.ofSeconds(1)) >= 0,
        "timeout",
        "is too short for Kafka: set it to 1s or more");
  }

  /** Whether the relay writes to this topic. */
  public boolean writes(String topic) {
    return topic.equals(eventsTopic) || topic.equals(stateTopic) || topic.equals(positionTopic);
  }

  /** The advice for when nothing else helps. */
  String startOver() {
    return """
    To publish everything again, delete the topics %s, %s and %s, or give them other names; their \
    consumers have to begin again as well\
    """
        .formatted(eventsTopic, stateTopic, positionTopic);
  }

  /**
   * Reports that the number of partitions changed: the events of one import would lie in two
   * partitions.
   */
  PublicationStoppedException partitionsChanged(String topic, int before, int now) {
    return new PublicationStoppedException(
        """
        The topic %s had %s partitions when its events were published and has %s now: the events of \
        one import would lie in two of them, in no order. %s\
        """
            .formatted(topic, before, now, startOver()));
  }

  private static void require(boolean holds, String name, String message) {
    if (!holds) throw new IllegalArgumentException("imports.relay." + name + " " + message);
  }
}
