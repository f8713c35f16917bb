package com.sdragent.imports.query.projection;

import com.sdragent.imports.events.ImportEvent;
import com.sdragent.imports.eventstore.RecordedEvent;
import com.sdragent.imports.query.projection.parked.FailureReason;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiFunction;

/** Recorded events as projections and answers apply them, as far as this version knows them. */
public final class RecordedEvents {
  private RecordedEvents() {}

  /**
   * The state after one more event.
   *
   * @param next the state after an event that this version knows
   * @throws ProjectionStoppedException when this version does not know its type or revision
   * @throws IllegalStateException when it cannot be read or cannot follow
   */
  public static <S> S fold(S before, RecordedEvent event, BiFunction<S, ImportEvent, S> next) {
    Optional<ImportEvent> known;
    S after = before;
    try {
      known = event.event();
      if (known.isPresent()) {
        requireItsOwn(event, known.get());
        after = next.apply(before, known.get());
      }
    } catch (RuntimeException e) {
      // Nothing here asks a server, so whatever fails is the event's own fault and would fail
      // again.
      throw new IllegalStateException(FailureReason.of(e), e);
    }
    if (known.isEmpty()) throw ProjectionStoppedException.unknown(event);
    return after;
  }

  /**
   * Whether this version knows the event's type and revision; it may be unreadable all the same.
   */
  public static boolean isKnown(RecordedEvent event) {
    try {
      return event.event().isPresent();
    } catch (RuntimeException e) {
      return true;
    }
  }

  /** The imports that these events are of. */
  public static Set<UUID> imports(List<RecordedEvent> events) {
    Set<UUID> ids = new HashSet<>();
    for (RecordedEvent event : events) ids.add(event.importId());
    return ids;
  }

  /**
   * These events except those that are left out.
   *
   * @param leftOut by position, of which import
   */
  public static List<RecordedEvent> without(List<RecordedEvent> events, Map<Long, UUID> leftOut) {
    if (leftOut.isEmpty()) return events;
    return events.stream()
        .filter(event -> !event.importId().equals(leftOut.get(event.position())))
        .toList();
  }

  /**
   * Checks that the row and the content name the same import: otherwise the event would change
   * another import.
   */
  private static void requireItsOwn(RecordedEvent event, ImportEvent said) {
    if (!said.importId().equals(event.importId()) || !said.orgId().equals(event.orgId())) {
      throw new IllegalStateException(
          "It is stored under another import than the one that it names");
    }
  }
}
