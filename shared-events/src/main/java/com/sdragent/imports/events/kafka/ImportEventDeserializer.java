package com.sdragent.imports.events.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sdragent.imports.events.EventRevisions;
import com.sdragent.imports.events.ImportEvent;
import com.sdragent.imports.events.UnknownImportEvent;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the records of {@code imports.events} and of private replays in any revision, and returns
 * each event in the shape of the newest. It ignores unknown properties; an event of an unknown type
 * or revision becomes an {@link UnknownImportEvent}. A record that is not an event of an import at
 * all causes a {@link SerializationException}.
 *
 * @see <a
 *     href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md">
 *     CloudEvents 1.0, Kafka protocol binding, binary mode</a>
 */
public final class ImportEventDeserializer implements Deserializer<ImportEvent> {
  private final EventRevisions revisions;

  /** For Kafka, which creates the deserializer by its class name. */
  public ImportEventDeserializer() {
    this(EventRevisions.published());
  }

  /** Reads revisions, for tests, that differ from the published ones. */
  public ImportEventDeserializer(EventRevisions revisions) {
    this.revisions = revisions;
  }

  /** Always fails, because a record without its headers does not say what it is. */
  @Override
  public ImportEvent deserialize(String topic, byte @Nullable [] data) {
    throw new SerializationException(
        "An event of an import needs its headers: use a consumer that passes them on");
  }

  @Override
  public @Nullable ImportEvent deserialize(String topic, Headers headers, byte @Nullable [] data) {
    if (data == null) return null;
    String type = required(topic, headers, EventHeaders.TYPE);
    try {
      Optional<ImportEvent> known = read(type, data);
      if (known.isPresent()) return known.get();
      return new UnknownImportEvent(
          type,
          UUID.fromString(required(topic, headers, EventHeaders.SUBJECT)),
          UUID.fromString(required(topic, headers, EventHeaders.ORGANIZATION)),
          Instant.parse(required(topic, headers, EventHeaders.TIME)),
          new String(data, UTF_8));
    } catch (IllegalArgumentException | DateTimeException e) {
      throw new SerializationException("Not an event of an import in " + topic, e);
    }
  }

  private Optional<ImportEvent> read(String type, byte[] data) {
    return EventHeaders.Type.parse(type)
        .flatMap(known -> revisions.read(known.name(), known.revision(), data));
  }

  private static String required(String topic, Headers headers, String name) {
    String text = EventHeaders.text(headers, name);
    if (text != null) return text;
    throw new SerializationException(
        "A record in %s has no header %s: it is no event of an import".formatted(topic, name));
  }
}
