package com.sdragent.imports.command.publication.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sdragent.imports.events.ImportEvent;
import com.sdragent.imports.events.kafka.EventHeaders;
import com.sdragent.imports.eventstore.RecordedEvent;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * An event as Kafka's consumers see it: CloudEvents 1.0 in the binary mode of its Kafka protocol
 * binding. The key is the import's id, so that the events of one import stay in order.
 */
public final class EventRecords {
  private static final Pattern TRACE_PARENT =
      Pattern.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}");

  private final String topic;
  private final int partitions;

  /**
   * @param partitions the topic's partitions at the beginning: a later increase must not move a key
   *     elsewhere
   */
  public EventRecords(String topic, int partitions) {
    this.topic = topic;
    this.partitions = partitions;
  }

  /**
   * What happened.
   *
   * @throws PublicationStoppedException when this version does not know the type or revision
   * @throws UnpublishableEventException when it cannot be read as the type that it names
   */
  public static ImportEvent read(RecordedEvent event) {
    Optional<ImportEvent> known;
    try {
      known = event.event();
      if (known.isPresent()) {
        var _ = event.metaData();
        requireItsOwn(event, known.get());
      }
    } catch (UnpublishableEventException e) {
      throw e;
    } catch (RuntimeException e) {
      // Nothing here asks a server, so whatever fails is the event's own fault and would fail
      // again.
      throw unreadable(event, e);
    }
    return known.orElseThrow(() -> unknown(event.position()));
  }

  /** Reports that this version does not know the event; another version may. */
  public static PublicationStoppedException unknown(long position) {
    return new PublicationStoppedException(
        "The event at position %s has a type or revision that this version does not know: upgrade this node"
            .formatted(position));
  }

  /**
   * Checks that the row and the content name the same import: otherwise the event would change
   * another import.
   */
  private static void requireItsOwn(RecordedEvent event, ImportEvent said) {
    if (said.importId().equals(event.importId()) && said.orgId().equals(event.orgId())) return;
    throw new UnpublishableEventException(
        "It is stored under another import than the one that it names");
  }

  /** Names the field, if one is wrong, but neither its value nor any Java class. */
  private static UnpublishableEventException unreadable(RecordedEvent event, RuntimeException e) {
    String field = "";
    for (Throwable cause = e; cause != null && field.isEmpty(); cause = cause.getCause()) {
      if (cause instanceof JacksonException json && !json.getPath().isEmpty()) {
        field = Objects.requireNonNullElse(json.getPath().getFirst().getPropertyName(), "");
      }
    }
    return new UnpublishableEventException(
        "It cannot be read as %s of revision %s%s"
            .formatted(
                event.type(),
                event.revision(),
                field.isEmpty() ? "" : ": the field " + field + " does not hold what it should"));
  }

  /**
   * The record of an event.
   *
   * @param said the content of the event
   * @throws UnpublishableEventException when it lacks something that every event has
   */
  public ProducerRecord<byte[], byte[]> record(RecordedEvent event, ImportEvent said) {
    try {
      var record =
          envelope(
              event,
              said,
              topic,
              partitions,
              // The event goes out as it is stored, in its own revision, so that publishing it
              // again gives the same record.
              new EventHeaders.Type(event.type(), event.revision()),
              "/imports",
              event.payload());
      if (event.metaData().get("traceparent") instanceof String parent
          && TRACE_PARENT.matcher(parent).matches()) {
        header(record, EventHeaders.TRACE_PARENT, parent);
      }
      return record;
    } catch (RuntimeException e) {
      throw unreadable(event, e);
    }
  }

  /** A record with the attributes that describe it. */
  public static ProducerRecord<byte[], byte[]> envelope(
      RecordedEvent event,
      ImportEvent said,
      String topic,
      int partitions,
      EventHeaders.Type type,
      String source,
      byte @Nullable [] value) {
    String importId = event.importId().toString();
    int partition = partition(event.importId(), partitions);
    byte[] key = importId.getBytes(UTF_8);
    var record = new ProducerRecord<byte[], byte[]>(topic, partition, key, value);
    header(record, EventHeaders.SPEC_VERSION, "1.0");
    header(record, EventHeaders.ID, event.eventId().toString());
    header(record, EventHeaders.TYPE, type.toString());
    header(record, EventHeaders.SOURCE, source);
    header(record, EventHeaders.SUBJECT, importId);
    header(record, EventHeaders.TIME, said.occurredAt().toString());
    header(record, EventHeaders.ORGANIZATION, said.orgId().toString());
    header(record, EventHeaders.IMPORT_SEQUENCE, Long.toString(event.sequence()));
    header(record, EventHeaders.POSITION, Long.toString(event.position()));
    header(record, EventHeaders.CONTENT_TYPE, "application/json");
    return record;
  }

  /** The partition of an import's events, as Kafka's own producers choose it. */
  public static int partition(UUID importId, int partitions) {
    return Utils.toPositive(Utils.murmur2(importId.toString().getBytes(UTF_8))) % partitions;
  }

  /** The position of the event that a record is of, 0 when it is of none. */
  public static long position(@Nullable ConsumerRecord<?, ?> record) {
    return record == null ? 0 : position(record.headers());
  }

  /** The position of the event that a record is of, 0 when it is of none. */
  public static long position(ProducerRecord<?, ?> record) {
    return position(record.headers());
  }

  private static long position(Headers headers) {
    return EventHeaders.text(headers, EventHeaders.POSITION) == null
        ? 0
        : EventHeaders.position(headers);
  }

  private static void header(ProducerRecord<?, ?> record, String name, String value) {
    record.headers().add(name, value.getBytes(UTF_8));
  }
}
