package com.sdragent.imports.eventstore;

import com.sdragent.imports.events.ImportEventType;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.axonframework.messaging.MetaData;
import org.axonframework.serialization.SerializedType;
import org.axonframework.serialization.SimpleSerializedType;
import org.axonframework.serialization.UnknownSerializedType;
import org.axonframework.serialization.jackson3.Jackson3Serializer;

/**
 * JSON under logical names and revisions, so that no Java name reaches the store. A name or
 * revision that this version does not know is read as {@link UnknownSerializedType}.
 */
public final class EventSerializer extends Jackson3Serializer {

  /** The name under which a class is stored besides the events. */
  public record LogicalType(String name, int revision, Class<?> javaClass) {
    private SerializedType serialized() {
      return new SimpleSerializedType(name, Integer.toString(revision));
    }
  }

  private final Map<Class<?>, SerializedType> types;
  private final Map<SerializedType, Class<?>> classes;

  /** Knows the events alone. */
  public EventSerializer() {
    this(List.of());
  }

  /** Knows the events and more, such as what a snapshot holds. */
  public EventSerializer(Collection<LogicalType> more) {
    super(builder());
    List<LogicalType> all =
        Stream.concat(
                Stream.of(ImportEventType.values())
                    .map(
                        type ->
                            new LogicalType(
                                type.logicalName(), type.revision(), type.eventClass())),
                more.stream())
            .toList();
    types =
        all.stream()
            .collect(Collectors.toUnmodifiableMap(LogicalType::javaClass, LogicalType::serialized));
    classes =
        all.stream()
            .collect(
                Collectors.<LogicalType, SerializedType, Class<?>>toUnmodifiableMap(
                    LogicalType::serialized, LogicalType::javaClass));
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
}
