package com.sdragent.imports.eventstore;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sdragent.imports.events.ImportEvent;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventhandling.EventUtils;
import org.axonframework.serialization.Serializer;
import org.axonframework.serialization.UnknownSerializedType;
import org.axonframework.serialization.upcasting.event.NoOpEventUpcaster;
import org.jspecify.annotations.Nullable;

/**
 * An event with its place in the log and the caller that caused it. Its content is read only on
 * demand, so that an unreadable event is in nobody's way.
 */
public final class RecordedEvent {
  private final StoredEvent row;
  private final UUID importId;
  private final UUID orgId;
  private final Serializer serializer;

  /** Several threads may read it at the same time, and then more than once. */
  private volatile @Nullable EventMessage<?> message;

  /** An event that is read. */
  RecordedEvent(StoredEvent row, UUID orgId, Serializer serializer) {
    this(row, UUID.fromString(row.aggregateId()), orgId, serializer, null);
  }

  /**
   * @param message what its content is read as, if that is known
   */
  RecordedEvent(
      StoredEvent row,
      UUID importId,
      UUID orgId,
      Serializer serializer,
      @Nullable EventMessage<?> message) {
    this.row = row;
    this.importId = importId;
    this.orgId = orgId;
    this.serializer = serializer;
    this.message = message;
  }

  public long position() {
    return row.position();
  }

  public UUID importId() {
    return importId;
  }

  /** The organization that owns the import. */
  public UUID orgId() {
    return orgId;
  }

  /** The number of the event among those of its import, from 0. */
  public long sequence() {
    return row.sequenceNumber();
  }

  public UUID eventId() {
    return UUID.fromString(row.eventId());
  }

  /** The name under which the event is stored, whether this version knows it or not. */
  public String type() {
    return row.type();
  }

  /** The revision under which it is stored. */
  public int revision() {
    return row.revision();
  }

  public Instant occurredAt() {
    return row.occurredAt();
  }

  /**
   * The name of the API key or the subject of the token that caused it. As with what else is told
   * beside the content, null when none can be read.
   */
  public @Nullable String actor() {
    return metaData("actor");
  }

  /** Which of the two it is: key or token. */
  public @Nullable String actorKind() {
    return metaData("actor_kind");
  }

  /** The request that caused it. */
  public @Nullable String requestId() {
    return metaData("request_id");
  }

  /** The trace that it belongs to, as a W3C traceparent, or null when none can be read. */
  public @Nullable String traceParent() {
    return metaData("traceparent");
  }

  /** About how many characters it holds. */
  int length() {
    return row.payload().length() + row.metadata().length();
  }

  /**
   * What happened, or nothing when this version does not know the type or revision.
   *
   * @throws RuntimeException when the stored event cannot be read as the type that it names
   */
  public Optional<ImportEvent> event() {
    return switch (message().getPayload()) {
      case ImportEvent event -> Optional.of(event);
      case UnknownSerializedType _ -> Optional.empty();
      case null, default -> throw new IllegalStateException("What is stored is not an event");
    };
  }

  private @Nullable String metaData(String name) {
    try {
      return metaData().get(name) instanceof String text ? text : null;
    } catch (RuntimeException e) {
      // An event that cannot be read is dealt with where it is needed. Here it only says nothing.
      return null;
    }
  }

  /** Its content as it is stored, in UTF-8. */
  public byte[] payload() {
    return row.payload().getBytes(UTF_8);
  }

  /**
   * What is told beside the content.
   *
   * @throws RuntimeException when it cannot be read
   */
  public Map<String, ?> metaData() {
    return message().getMetaData();
  }

  private EventMessage<?> message() {
    EventMessage<?> known = message;
    if (known == null) {
      known =
          EventUtils.upcastAndDeserializeTrackedEvents(
                  Stream.of(row), serializer, NoOpEventUpcaster.INSTANCE)
              .findFirst()
              .orElseThrow();
      message = known;
    }
    return known;
  }
}
