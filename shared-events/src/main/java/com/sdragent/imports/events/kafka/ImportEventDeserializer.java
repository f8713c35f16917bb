package com.sdragent.imports.events.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sdragent.imports.events.ImportEvent;
import com.sdragent.imports.events.ImportEventType;
import com.sdragent.imports.events.UnknownImportEvent;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.UUID;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads the records of {@code imports.events} and of private replays. Properties that it does not
 * know are ignored; an event of a type that it does not know becomes an {@link UnknownImportEvent}.
 * A record that is no event of an import at all is a {@link SerializationException}.
 *
 * @see <a
 *     href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md">
 *     CloudEvents 1.0, Kafka protocol binding, binary mode</a>
 */
public final class ImportEventDeserializer implements Deserializer<ImportEvent> {
  private static final JsonMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();
  private static final String PREFIX = "com.sdragent.imports.";

  /** Always fails: without its headers a record does not say what it is. */
  @Override
  public ImportEvent deserialize(String topic, byte @Nullable [] data) {
    throw new SerializationException(
        "An event of an import needs its headers: use a consumer that passes them on");
  }

  @Override
  public @Nullable ImportEvent deserialize(String topic, Headers headers, byte @Nullable [] data) {
    if (data == null) return null;
    String type = required(topic, headers, "ce_type");
    ImportEventType known = known(type);
    try {
      return known != null
          ? JSON.readValue(data, known.eventClass())
          : new UnknownImportEvent(
              type,
              UUID.fromString(required(topic, headers, "ce_subject")),
              UUID.fromString(required(topic, headers, "ce_organization")),
              Instant.parse(required(topic, headers, "ce_time")),
              new String(data, UTF_8));
    } catch (JacksonException | IllegalArgumentException | DateTimeException e) {
      throw new SerializationException("Not an event of an import in " + topic, e);
    }
  }

  private static @Nullable ImportEventType known(String type) {
    for (ImportEventType known : ImportEventType.values()) {
      if (type.equals(PREFIX + known.logicalName() + ".v" + known.revision())) return known;
    }
    return null;
  }

  private static String required(String topic, Headers headers, String name) {
    Header header = headers.lastHeader(name);
    if (header == null || header.value() == null) {
      throw new SerializationException(
          "A record in %s has no header %s: it is no event of an import".formatted(topic, name));
    }
    return new String(header.value(), UTF_8);
  }
}
