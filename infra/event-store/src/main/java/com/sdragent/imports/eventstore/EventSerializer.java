package com.sdragent.imports.eventstore;

import com.sdragent.imports.events.EventRevisions;
import com.sdragent.imports.events.ImportEvent;
import com.sdragent.imports.events.ImportEventType;
import com.sdragent.imports.eventstore.append.EventStoreUnavailableException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.axonframework.messaging.MetaData;
import org.axonframework.serialization.SerializationException;
import org.axonframework.serialization.SerializedObject;
import org.axonframework.serialization.SerializedType;
import org.axonframework.serialization.SimpleSerializedObject;
import org.axonframework.serialization.SimpleSerializedType;
import org.axonframework.serialization.UnknownSerializedType;
import org.axonframework.serialization.jackson3.Jackson3Serializer;
import org.jspecify.annotations.Nullable;

/**
 * Stores JSON under logical names and revisions, so that no Java name reaches the store. An event
 * is written as the revision that {@link EventRevisionProperties} name and read as the newest by
 * {@link EventRevisions}, whatever its own revision is. A name or revision that this version does
 * not know is read as {@link UnknownSerializedType}.
 */
public final class EventSerializer extends Jackson3Serializer {

  /** The name under which a class that is not an event is stored. */
  public record LogicalType(String name, int revision, Class<?> javaClass) {
    private SerializedType serialized() {
      return new SimpleSerializedType(name, Integer.toString(revision));
    }
  }

  private final EventRevisions revisions;
  private final Map<Class<?>, SerializedType> types = new HashMap<>();
  private final Map<SerializedType, Class<?>> classes = new HashMap<>();

  /**
   * The events that are not written as their newest revision. There are some only during a
   * roll-out.
   */
  private final Map<Class<?>, Integer> writtenEarlier = new HashMap<>();

  /** Makes a serializer that knows the published revisions. */
  public EventSerializer(Collection<LogicalType> more) {
    this(EventRevisions.published(), EventRevisionProperties.DEFAULTS, more);
  }

  /**
   * @param more what is stored besides the events, such as what a snapshot holds
   * @throws IllegalArgumentException when a setting names an event or a revision that is not known
   */
  public EventSerializer(
      EventRevisions revisions, EventRevisionProperties settings, Collection<LogicalType> more) {
    super(builder());
    this.revisions = revisions;
    Map<ImportEventType, Integer> written = settings.written(revisions);
    for (ImportEventType type : ImportEventType.values()) {
      for (int revision = 1; revision <= revisions.newest(type); revision++) {
        add(new LogicalType(type.logicalName(), revision, type.eventClass()));
      }
    }
    written.forEach(
        (type, revision) -> {
          if (revision == revisions.newest(type)) return;
          add(new LogicalType(type.logicalName(), revision, type.eventClass()));
          writtenEarlier.put(type.eventClass(), revision);
        });
    more.forEach(this::add);
  }

  /** The last one that is added for a class is the one that is written. */
  private void add(LogicalType type) {
    types.put(type.javaClass(), type.serialized());
    classes.put(type.serialized(), type.javaClass());
  }

  /**
   * @throws EventStoreUnavailableException when an event says something that only its newest
   *     revision can say, and that revision is not written yet
   */
  @Override
  public <T> SerializedObject<T> serialize(@Nullable Object object, Class<T> expected) {
    Integer revision = object == null ? null : writtenEarlier.get(object.getClass());
    if (revision == null || !(object instanceof ImportEvent event)) {
      return super.serialize(object, expected);
    }
    try {
      return new SimpleSerializedObject<>(
          getConverter().convert(revisions.write(event, revision), expected),
          expected,
          typeForClass(event.getClass()));
    } catch (IllegalArgumentException e) {
      throw new EventStoreUnavailableException(e.getMessage() + ", and no other is written yet", e);
    }
  }

  @Override
  @SuppressWarnings("rawtypes")
  public SerializedType typeForClass(Class type) {
    SerializedType known = types.get(type);
    return known == null ? super.typeForClass(type) : known;
  }

  /** Whether this version has a class for the name and revision. */
  boolean knows(SerializedType type) {
    return classes.containsKey(type);
  }

  @Override
  public Class<?> classForType(SerializedType type) {
    Class<?> known = classes.get(type);
    if (known != null) return known;
    return MetaData.class.getName().equals(type.getName())
        ? MetaData.class
        : UnknownSerializedType.class;
  }

  @Override
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  public <S, T> T deserialize(SerializedObject<S> stored) {
    SerializedType type = stored.getType();
    if (!ImportEvent.class.isAssignableFrom(classForType(type))) return super.deserialize(stored);
    byte[] json = getConverter().convert(stored, byte[].class).getData();
    try {
      return (T)
          revisions
              .read(type.getName(), Integer.parseInt(type.getRevision()), json)
              .orElseThrow(() -> new IllegalStateException("Known before: " + type));
    } catch (IllegalArgumentException e) {
      throw new SerializationException("What is stored cannot be read", e);
    }
  }
}
