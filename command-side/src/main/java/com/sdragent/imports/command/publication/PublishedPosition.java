package com.sdragent.imports.command.publication;

import com.sdragent.imports.command.publication.kafka.EventRecords;
import com.sdragent.imports.command.publication.kafka.PublicationStoppedException;
import com.sdragent.imports.command.publication.kafka.TopicEnds;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads back how far events are published, and checks that the topics agree. It is used after
 * {@code initTransactions}: by then, every earlier transaction has either been committed or never
 * will be.
 */
final class PublishedPosition {
  private final RelayProperties properties;
  private final Map<String, Object> consumerSettings;
  private final JsonMapper json;

  PublishedPosition(
      RelayProperties properties, Map<String, Object> consumerSettings, JsonMapper json) {
    this.properties = properties;
    this.consumerSettings = consumerSettings;
    this.json = json;
  }

  /**
   * The last committed position.
   *
   * @param partitions how many partitions the topics have
   * @throws PublicationStoppedException when the position and the topics do not fit together
   */
  RelayPosition read(int partitions) {
    try (var ends = new TopicEnds(consumerSettings, properties.timeout())) {
      var position = new TopicPartition(properties.positionTopic(), 0);
      Optional<RelayPosition> last =
          Optional.ofNullable(ends.last(List.of(position)).get(position)).map(this::parse);
      if (last.isPresent()) return written(ends, last.get(), partitions);
      requireEmpty(ends);
      return RelayPosition.none(partitions);
    }
  }

  private RelayPosition parse(ConsumerRecord<byte[], byte @Nullable []> record) {
    try {
      byte[] value = record.value();
      if (value != null) return json.readValue(value, RelayPosition.class);
    } catch (JacksonException e) {
      // The check below reports it: what is wrong with the record does not matter.
    }
    throw new PublicationStoppedException(
        "The last record of %s is no position that this version knows. Upgrade this node. %s"
            .formatted(properties.positionTopic(), properties.startOver()));
  }

  private void requireEmpty(TopicEnds ends) {
    for (String topic : List.of(properties.eventsTopic(), properties.stateTopic())) {
      if (ends.last(ends.partitions(topic)).isEmpty()) continue;
      throw new PublicationStoppedException(
          "The topic %s has records, but %s holds no position. Restore that topic if you can. %s"
              .formatted(topic, properties.positionTopic(), properties.startOver()));
    }
  }

  private RelayPosition written(TopicEnds ends, RelayPosition last, int partitions) {
    if (last.partitions() != partitions) {
      throw properties.partitionsChanged(properties.eventsTopic(), last.partitions(), partitions);
    }
    for (String topic : List.of(properties.eventsTopic(), properties.stateTopic())) {
      if (!ends.isNew(ends.partitions(topic))) continue;
      // So far, only parked events have been looked at.
      List<Long> written = last.ends();
      if (written != null && written.stream().allMatch(end -> end == 0)) continue;
      throw new PublicationStoppedException(
          "The events up to position %s are published, but the topic %s is new and empty. %s"
              .formatted(last.position(), topic, properties.startOver()));
    }
    return withSameEnds(ends, last);
  }

  /**
   * Compares the ends: the topic of a broker that lost acknowledged records, as in a power cut, has
   * others.
   */
  private RelayPosition withSameEnds(TopicEnds ends, RelayPosition last) {
    List<TopicPartition> partitions = ends.partitions(properties.eventsTopic());
    var records = ends.last(partitions);
    var found = new ArrayList<Long>();
    for (int partition = 0; partition < last.partitions(); partition++) {
      found.add(
          EventRecords.position(
              records.get(new TopicPartition(properties.eventsTopic(), partition))));
    }
    List<Long> wanted = last.ends();
    // An earlier version did not note the ends.
    if (wanted == null) return last.withEnds(found);
    Set<TopicPartition> emptied = ends.emptied(partitions);
    for (TopicPartition partition : partitions) {
      long end = found.get(partition.partition());
      if (end == wanted.get(partition.partition()) || emptied.contains(partition)) continue;
      throw new PublicationStoppedException(
          """
          The events up to position %s are published, but %s ends with position %s instead of %s: \
          Kafka lost records that it had acknowledged, or somebody else writes there. %s\
          """
              .formatted(
                  last.position(),
                  partition,
                  end,
                  wanted.get(partition.partition()),
                  properties.startOver()));
    }
    return last;
  }
}
