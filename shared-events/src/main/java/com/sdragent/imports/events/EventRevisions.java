package com.sdragent.imports.events;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Every revision of every event that was ever stored, and how each is read as the newest. Store,
 * relay, tool and consumers all read by this, so that none of them can forget an old one.
 */
public final class EventRevisions {

  /** Turns the JSON of one revision of an event into that of the next one. */
  @FunctionalInterface
  public interface Step {

    /** May change and return what it was given. */
    ObjectNode toNext(ObjectNode event);
  }

  private static final JsonMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  // A step for an event here, from the revision that was its newest, and there is one revision
  // more.
  private static final EventRevisions PUBLISHED = new EventRevisions(Map.of());

  private record Event(List<Step> steps, ObjectReader reader) {}

  private final Map<ImportEventType, Event> events = new EnumMap<>(ImportEventType.class);

  /**
   * Revisions other than the published ones, for tests.
   *
   * @param steps of each event that has more than one revision: from 1 to 2, from 2 to 3, …
   */
  public EventRevisions(Map<ImportEventType, List<Step>> steps) {
    for (ImportEventType type : ImportEventType.values()) {
      events.put(
          type,
          new Event(
              List.copyOf(steps.getOrDefault(type, List.of())), JSON.readerFor(type.eventClass())));
    }
  }

  /** Those of this version of the service. */
  public static EventRevisions published() {
    return PUBLISHED;
  }

  /** The newest revision of an event; the first is 1, and none between was left out. */
  public int newest(ImportEventType type) {
    return event(type).steps().size() + 1;
  }

  /**
   * Reads an event as {@link ImportEventType#read} does.
   *
   * @param json in UTF-8
   * @return the event, or nothing when its type or revision is newer than these
   * @throws IllegalArgumentException when the text is not what it is said to be
   */
  public Optional<ImportEvent> read(String logicalName, int revision, byte[] json) {
    return ImportEventType.named(logicalName)
        .filter(type -> revision >= 1 && revision <= newest(type))
        .map(type -> read(type, revision, json));
  }

  private ImportEvent read(ImportEventType type, int revision, byte[] json) {
    List<Step> steps = event(type).steps();
    ObjectReader reader = event(type).reader();
    try {
      ImportEvent event;
      if (revision > steps.size()) {
        event = reader.readValue(json);
      } else {
        ObjectNode node = JSON.readTree(json).asObject();
        for (Step step : steps.subList(revision - 1, steps.size())) node = step.toNext(node);
        event = reader.readValue(node);
      }
      // JSON's null is read as no event.
      if (event != null) return event;
    } catch (RuntimeException e) {
      // A step may stumble as well over what is not what it is said to be.
      throw new IllegalArgumentException(problem(type, revision), e);
    }
    throw new IllegalArgumentException(problem(type, revision));
  }

  private Event event(ImportEventType type) {
    return Objects.requireNonNull(events.get(type));
  }

  private static String problem(ImportEventType type, int revision) {
    return "Not an event " + type.logicalName() + " of revision " + revision;
  }
}
