package com.sdragent.imports.query.projection.rebuild;

import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.RecordedEvent;
import com.sdragent.imports.query.projection.Projection.Compared;
import com.sdragent.imports.query.projection.ProjectionPosition;
import com.sdragent.imports.query.projection.RunningProjection;
import java.util.List;

/**
 * Compares both generations, chunk by chunk, each chunk in one database snapshot. After the last
 * one the rebuilt generation is live.
 */
final class Comparing implements PhaseStep {
  private final RunningProjection<?> projection;
  private final EventLog log;
  private final int batchSize;

  Comparing(RunningProjection<?> projection, EventLog log, int batchSize) {
    this.projection = projection;
    this.log = log;
    this.batchSize = batchSize;
  }

  @Override
  public Outcome take(Place place, boolean oneByOne) {
    Compared some =
        projection.projection().compare(place.generation(), place.compared(), batchSize);
    if (some.next() == null) makeLive(place);
    return Outcome.done(
        """
        phase = ?, compared = ?, differences = differences + ?,
        examples = (select coalesce(json_agg(e.value order by e.number), '[]')
                    from json_array_elements((examples::jsonb || ?::jsonb)::json)
                         with ordinality e (value, number)
                    where e.number <= ?)
        """,
        (some.next() == null ? Phase.EMPTYING : Phase.COMPARING).label(),
        some.next(),
        some.differences(),
        some.examples(),
        Compared.EXAMPLES);
  }

  private void makeLive(Place place) {
    projection.row().lock();
    goOnFromWhatWasLoaded(place);
    projection.parkedByRebuild().goLive();
    projection.row().makeLive(place.generation());
  }

  /** Moves the projection if it is beyond the store, as after a restore to an earlier point. */
  private void goOnFromWhatWasLoaded(Place place) {
    ProjectionPosition.Last live = projection.position().last();
    if (live.isIn(log)) return;
    List<RecordedEvent> loaded = log.eventsAfter(place.position() - 1, 1);
    projection
        .position()
        .move(live, place.position(), loaded.isEmpty() ? null : loaded.getFirst().eventId());
  }
}
