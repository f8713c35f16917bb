package com.sdragent.imports.command.publication;

import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.RecordedEvent;
import java.util.HashMap;
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
 * Reads back how far events are published, and whether the topics agree. To be asked after {@code
 * initTransactions}: by then every earlier transaction has either been committed or never will be.
 */
final class PublishedPosition {
  /** In how many of the last events the last one of each partition is looked for. */
  private static final int LOOKED_FOR = 1000;

  private final RelayProperties properties;
  private final Map<String, Object> consumerSettings;
  private final JsonMapper json;
  private final EventLog log;

  PublishedPosition(
      RelayProperties properties,
      Map<String, Object> consumerSettings,
      JsonMapper json,
      EventLog log) {
    this.properties = properties;
    this.consumerSettings = consumerSettings;
    this.json = json;
    this.log = log;
  }

  /**
   * The last committed position; nothing when no event was ever published.
   *
   * @param partitions how many partitions the topics have
   * @throws PublicationStoppedException when position and topics do not fit together
   */
  Optional<RelayPosition> read(int partitions) {
    try (var ends = new TopicEnds(consumerSettings, properties.timeout())) {
      var position = new TopicPartition(properties.positionTopic(), 0);
      Optional<RelayPosition> last =
          Optional.ofNullable(ends.last(List.of(position)).get(position)).map(this::parse);
      if (last.isPresent()) requireWritten(ends, last.get(), partitions);
      else requireEmpty(ends);
      return last;
    }
  }

  private RelayPosition parse(ConsumerRecord<byte[], byte @Nullable []> record) {
    try {
      byte[] value = record.value();
      if (value != null) return json.readValue(value, RelayPosition.class);
    } catch (JacksonException e) {
      // Told below: what is wrong with it does not matter.
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

  private void requireWritten(TopicEnds ends, RelayPosition last, int partitions) {
    if (last.partitions() != partitions) {
      throw properties.partitionsChanged(properties.eventsTopic(), last.partitions(), partitions);
    }
    for (String topic : List.of(properties.eventsTopic(), properties.stateTopic())) {
      if (!ends.isNew(ends.partitions(topic))) continue;
      throw new PublicationStoppedException(
          "The events up to position %d are published, but the topic %s is new and empty. %s"
              .formatted(last.position(), topic, properties.startOver()));
    }
    requireSameEnds(ends, last);
  }

  /** A broker that lost what it had acknowledged, as in a power cut, ends elsewhere. */
  private void requireSameEnds(TopicEnds ends, RelayPosition last) {
    int lookedFor = (int) Math.min(LOOKED_FOR, last.position());
    long before = last.position() - lookedFor;
    List<RecordedEvent> events = log.after(before, lookedFor);
    if (events.isEmpty() || !events.getLast().eventId().equals(last.eventId())) {
      // The store went back: that is told when the next events are read.
      return;
    }
    var expected = new HashMap<Integer, Long>();
    for (RecordedEvent event : events) {
      expected.put(EventRecords.partition(event.importId(), last.partitions()), event.position());
    }
    List<TopicPartition> partitions = ends.partitions(properties.eventsTopic());
    var found = ends.last(partitions);
    Set<TopicPartition> emptied = ends.emptied(partitions);
    for (TopicPartition partition : partitions) {
      long end = position(found.get(partition));
      Long wanted = expected.get(partition.partition());
      if (wanted == null ? end <= before : end == wanted || emptied.contains(partition)) continue;
      throw new PublicationStoppedException(
          """
          The events up to position %d are published, but %s ends with position %d instead of %s: \
          Kafka lost records that it had acknowledged, or somebody else writes there. %s\
          """
              .formatted(
                  last.position(),
                  partition,
                  end,
                  wanted == null ? "one up to " + before : wanted,
                  properties.startOver()));
    }
  }

  /** The position of the event in a record, 0 when there is none. */
  private static long position(@Nullable ConsumerRecord<byte[], byte[]> record) {
    String position = record == null ? null : EventRecords.header(record, "ce_position");
    return position == null ? 0 : Long.parseLong(position);
  }
}
