package com.sdragent.imports.command.publication;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sdragent.imports.events.ImportEvent;
import com.sdragent.imports.events.ImportEventType;
import com.sdragent.imports.eventstore.EventSerializer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.TrackedEventMessage;

/**
 * An event as Kafka's consumers see it: CloudEvents 1.0 in the binary mode of its Kafka protocol
 * binding. The key is the import's id, so that the events of one import stay in order.
 */
final class EventRecords {
  private final EventSerializer serializer;
  private final String topic;

  EventRecords(EventSerializer serializer, String topic) {
    this.serializer = serializer;
    this.topic = topic;
  }

  ProducerRecord<byte[], byte[]> record(TrackedEventMessage<?> message) {
    if (!(message.getPayload() instanceof ImportEvent event)
        || !(message instanceof DomainEventMessage<?> domain)) {
      throw new PublicationStoppedException(
          "The store holds an event that this version does not know at %s: upgrade this node"
              .formatted(message.trackingToken()));
    }
    ImportEventType type = ImportEventType.of(event);
    String importId = event.importId().toString();
    var record =
        new ProducerRecord<>(
            topic,
            importId.getBytes(UTF_8),
            message.serializePayload(serializer, byte[].class).getData());
    header(record, "ce_specversion", "1.0");
    header(record, "ce_id", message.getIdentifier());
    header(
        record, "ce_type", "com.sdragent.imports." + type.logicalName() + ".v" + type.revision());
    header(record, "ce_source", "/imports");
    header(record, "ce_subject", importId);
    header(record, "ce_time", event.occurredAt().toString());
    header(record, "ce_organization", event.orgId().toString());
    header(record, "ce_importsequence", Long.toString(domain.getSequenceNumber()));
    header(record, "ce_position", Long.toString(message.trackingToken().position().orElseThrow()));
    header(record, "content-type", "application/json");
    return record;
  }

  private static void header(ProducerRecord<?, ?> record, String name, String value) {
    record.headers().add(name, value.getBytes(UTF_8));
  }
}
