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

/** Recorded events as projections and answers take them: what is stored meets what is known. */
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
      // Nothing here asks a server: whatever it is, it is the event's own and would come again.
      throw new IllegalStateException(FailureReason.of(e), e);
    }
    if (known.isEmpty()) throw ProjectionStoppedException.unknown(event);
    return after;
  }

  /** Whether this version knows its type and revision; whether it can be read is another matter. */
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
   * These events but those that are left out.
   *
   * @param leftOut by position, of which import
   */
  public static List<RecordedEvent> without(List<RecordedEvent> events, Map<Long, UUID> leftOut) {
    if (leftOut.isEmpty()) return events;
    return events.stream()
        .filter(event -> !event.importId().equals(leftOut.get(event.position())))
        .toList();
  }

  /** What says whose it is outside must say so inside: it would change another import. */
  private static void requireItsOwn(RecordedEvent event, ImportEvent said) {
    if (!said.importId().equals(event.importId()) || !said.orgId().equals(event.orgId())) {
      throw new IllegalStateException("It is stored as an event of another import than it says");
    }
  }
}
