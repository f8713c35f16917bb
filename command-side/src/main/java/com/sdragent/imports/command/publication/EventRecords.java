package com.sdragent.imports.command.publication;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sdragent.imports.events.ImportEvent;
import com.sdragent.imports.events.ImportEventType;
import com.sdragent.imports.eventstore.EventSerializer;
import java.util.UUID;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.utils.Utils;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.serialization.SerializationException;
import org.jspecify.annotations.Nullable;

/**
 * An event as Kafka's consumers see it: CloudEvents 1.0 in the binary mode of its Kafka protocol
 * binding. The key is the import's id, so that the events of one import stay in order.
 */
final class EventRecords {
  private static final Pattern TRACE_PARENT =
      Pattern.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}");

  private final EventSerializer serializer;
  private final String topic;
  private final int partitions;

  /**
   * @param partitions of the topic when this began: more than that must not move a key elsewhere
   */
  EventRecords(EventSerializer serializer, String topic, int partitions) {
    this.serializer = serializer;
    this.topic = topic;
    this.partitions = partitions;
  }

  /**
   * @throws PublicationStoppedException when this version does not know the event or cannot read it
   */
  ProducerRecord<byte[], byte[]> record(TrackedEventMessage<?> message) {
    ImportEventType type = ImportEventType.of(event(message));
    var record =
        envelope(
            message,
            topic,
            partitions,
            "com.sdragent.imports." + type.logicalName() + ".v" + type.revision(),
            "/imports",
            message.serializePayload(serializer, byte[].class).getData());
    if (message.getMetaData().get("traceparent") instanceof String parent
        && TRACE_PARENT.matcher(parent).matches()) {
      header(record, "ce_traceparent", parent);
    }
    return record;
  }

  /** The event of a stored message. */
  static ImportEvent event(TrackedEventMessage<?> message) {
    try {
      var _ = message.getMetaData();
      if (message.getPayload() instanceof ImportEvent event) return event;
    } catch (SerializationException e) {
      throw new PublicationStoppedException(
          "The event at position %d cannot be read: check the store with imports-tool verify"
              .formatted(message.trackingToken().position().orElseThrow()));
    }
    throw new PublicationStoppedException(
        "The event at position %d has a type or revision that this version does not know: upgrade this node"
            .formatted(message.trackingToken().position().orElseThrow()));
  }

  /** A record with the attributes that tell what it is about. */
  static ProducerRecord<byte[], byte[]> envelope(
      TrackedEventMessage<?> message,
      String topic,
      int partitions,
      String type,
      String source,
      byte @Nullable [] value) {
    ImportEvent event = event(message);
    if (!(message instanceof DomainEventMessage<?> domain)) {
      throw new IllegalArgumentException("Not an event of an import: " + message);
    }
    String importId = event.importId().toString();
    int partition = partition(event.importId(), partitions);
    byte[] key = importId.getBytes(UTF_8);
    var record = new ProducerRecord<byte[], byte[]>(topic, partition, key, value);
    header(record, "ce_specversion", "1.0");
    header(record, "ce_id", message.getIdentifier());
    header(record, "ce_type", type);
    header(record, "ce_source", source);
    header(record, "ce_subject", importId);
    header(record, "ce_time", event.occurredAt().toString());
    header(record, "ce_organization", event.orgId().toString());
    header(record, "ce_importsequence", Long.toString(domain.getSequenceNumber()));
    header(record, "ce_position", Long.toString(message.trackingToken().position().orElseThrow()));
    header(record, "content-type", "application/json");
    return record;
  }

  /** Where the events of an import go, as Kafka's own producers choose it. */
  static int partition(UUID importId, int partitions) {
    return Utils.toPositive(Utils.murmur2(importId.toString().getBytes(UTF_8))) % partitions;
  }

  /** The text of a header, null when the record has none of this name. */
  static @Nullable String header(ConsumerRecord<?, ?> record, String name) {
    Header header = record.headers().lastHeader(name);
    return header == null ? null : new String(header.value(), UTF_8);
  }

  private static void header(ProducerRecord<?, ?> record, String name, String value) {
    record.headers().add(name, value.getBytes(UTF_8));
  }
}
