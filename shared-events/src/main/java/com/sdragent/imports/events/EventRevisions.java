package com.sdragent.imports.events;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Every revision of every event that was ever stored, and how each is read as the newest. Whoever
 * reads what is stored or published does so through this class: the store, the tool and the
 * consumers, so that none of them can forget an old one.
 *
 * <p>A revision that is new in this version of the service can also be written as the one before
 * it: nodes of the previous version do not know the new one, and they run beside this version while
 * it is rolled out.
 */
public final class EventRevisions {

  /** Turns the JSON of one revision of an event into that of the next one. */
  @FunctionalInterface
  public interface Step {

    /** It may change the object that it was given and return it. */
    ObjectNode toNext(ObjectNode event);

    /**
     * The way back, for as long as the next revision is new. {@link #toNext} must turn the result
     * into the given event again; otherwise the event is not written.
     */
    default ObjectNode toPrevious(ObjectNode event) {
      throw new UnsupportedOperationException("Every node reads the next revision");
    }
  }

  private static final JsonMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  // Adding a step here, from an event's newest revision, gives the event one more revision. That
  // revision also belongs among the new ones until every node that may run beside this version
  // reads it, which is one version later.
  private static final EventRevisions PUBLISHED = new EventRevisions(Map.of(), Set.of());

  private record Event(List<Step> steps, boolean isNewestNew, ObjectReader reader) {}

  private final Map<ImportEventType, Event> events = new EnumMap<>(ImportEventType.class);

  /**
   * Revisions, for tests, that differ from the published ones and that every node reads.
   *
   * @param steps as below
   */
  public EventRevisions(Map<ImportEventType, List<Step>> steps) {
    this(steps, Set.of());
  }

  /**
   * Revisions, for tests, that differ from the published ones.
   *
   * @param steps of each event that has more than one revision: from 1 to 2, from 2 to 3, …
   * @param whoseNewestIsNew the events whose newest revision the previous version does not know
   */
  public EventRevisions(
      Map<ImportEventType, List<Step>> steps, Set<ImportEventType> whoseNewestIsNew) {
    for (ImportEventType type : ImportEventType.values()) {
      List<Step> its = List.copyOf(steps.getOrDefault(type, List.of()));
      boolean isNewestNew = whoseNewestIsNew.contains(type);
      if (isNewestNew && its.isEmpty()) {
        throw new IllegalArgumentException("The only revision of " + type + " cannot be new");
      }
      events.put(type, new Event(its, isNewestNew, JSON.readerFor(type.eventClass())));
    }
  }

  /** The revisions of this version of the service. */
  public static EventRevisions published() {
    return PUBLISHED;
  }

  /** The newest revision of an event. The first is 1, and no number in between is left out. */
  public int newest(ImportEventType type) {
    return event(type).steps().size() + 1;
  }

  /** The newest revision of an event that the previous version of the service knows too. */
  public int readByAll(ImportEventType type) {
    return newest(type) - (event(type).isNewestNew() ? 1 : 0);
  }

  /**
   * Writes an event as the revision that all nodes read, or as the newest.
   *
   * @return JSON
   * @throws IllegalArgumentException when the event says more than that revision can
   */
  public String write(ImportEvent event, int revision) {
    ImportEventType type = ImportEventType.of(event);
    if (revision < readByAll(type) || revision > newest(type)) {
      throw new IllegalArgumentException(
          type.logicalName() + " cannot be written as revision " + revision);
    }
    ObjectNode node = JSON.valueToTree(event);
    if (revision < newest(type)) {
      node = event(type).steps().get(revision - 1).toPrevious(node);
      if (!read(type, revision, node.deepCopy()).equals(event)) {
        throw new IllegalArgumentException(
            "This %s says more than revision %s can".formatted(type.logicalName(), revision));
      }
    }
    return JSON.writeValueAsString(node);
  }

  /**
   * Reads an event as {@link ImportEventType#read} does.
   *
   * @param json in UTF-8
   * @return the event, or nothing when its type or revision is newer than these revisions
   * @throws IllegalArgumentException when the text is not what it is said to be
   */
  public Optional<ImportEvent> read(String logicalName, int revision, byte[] json) {
    return ImportEventType.named(logicalName)
        .filter(type -> revision >= 1 && revision <= newest(type))
        .map(type -> read(type, revision, json));
  }

  private ImportEvent read(ImportEventType type, int revision, byte[] json) {
    try {
      if (revision < newest(type)) return read(type, revision, JSON.readTree(json).asObject());
      ImportEvent event = event(type).reader().readValue(json);
      // JSON's null is read as no event.
      if (event != null) return event;
    } catch (RuntimeException e) {
      // A step, too, may fail on a text that is not what it is said to be.
      throw new IllegalArgumentException(problem(type, revision), e);
    }
    throw new IllegalArgumentException(problem(type, revision));
  }

  private ImportEvent read(ImportEventType type, int revision, ObjectNode json) {
    List<Step> steps = event(type).steps();
    ObjectNode node = json;
    for (Step step : steps.subList(revision - 1, steps.size())) node = step.toNext(node);
    return event(type).reader().readValue(node);
  }

  private Event event(ImportEventType type) {
    return Objects.requireNonNull(events.get(type));
  }

  private static String problem(ImportEventType type, int revision) {
    return "Not an event " + type.logicalName() + " of revision " + revision;
  }
}
