package com.sdragent.imports.query.projection.rebuild;

import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.RecordedEvent;
import com.sdragent.imports.query.projection.RecordedEvents;
import com.sdragent.imports.query.projection.RunningProjection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Applies later events in their order. The last of them are applied with the projection locked, so
 * that both generations are at one position. From then on, every batch is applied to both.
 */
final class CatchingUp implements PhaseStep {
  private final RunningProjection<?> projection;
  private final EventLog log;
  private final int batchSize;

  CatchingUp(RunningProjection<?> projection, EventLog log, int batchSize) {
    this.projection = projection;
    this.log = log;
    this.batchSize = batchSize;
  }

  @Override
  public Outcome take(Place place, boolean oneByOne) {
    if (projection.position().last().position() - place.position() > batchSize) {
      List<RecordedEvent> next = log.eventsAfter(place.position(), batchSize);
      if (next.size() == batchSize) return apply(place, next, oneByOne, Phase.CATCHING_UP);
    }
    projection.row().lock();
    long live = projection.position().last().position();
    List<RecordedEvent> rest =
        log.eventsAfter(place.position(), batchSize).stream()
            .filter(event -> event.position() <= live)
            .toList();
    // After a restore to an earlier point than the projection's, no event is left up to its
    // position.
    boolean isLast = rest.isEmpty() || rest.getLast().position() == live;
    return apply(place, rest, oneByOne, isLast ? Phase.COMPARING : Phase.CATCHING_UP);
  }

  private Outcome apply(Place place, List<RecordedEvent> events, boolean oneByOne, Phase next) {
    List<RecordedEvent> wanted = RecordedEvents.without(events, projection.leftOut(events));
    Optional<Outcome> unknown = Outcome.unlessKnown(wanted);
    if (unknown.isPresent()) return unknown.get();
    Set<UUID> blocked = projection.parkedByRebuild().blocked(RecordedEvents.imports(wanted));
    projection.rebuilt(place.generation()).apply(wanted, blocked, oneByOne);
    if (next == Phase.COMPARING) projection.row().beginShadow(place.generation());
    return Outcome.done(
        "phase = ?, position = ?, events_done = events_done + ?",
        next.label(),
        events.isEmpty() ? place.position() : events.getLast().position(),
        events.size());
  }
}
