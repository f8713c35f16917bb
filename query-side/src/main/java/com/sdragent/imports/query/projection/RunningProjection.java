package com.sdragent.imports.query.projection;

import com.sdragent.imports.eventstore.RecordedEvent;
import com.sdragent.imports.query.projection.parked.ParkedByRebuild;
import com.sdragent.imports.query.projection.parked.ParkedEvents;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * A projection with everything beside its rows, all under its name.
 *
 * @param jdbc the database, within the caller's transaction
 * @param progress the position that this node has heard of
 */
public record RunningProjection<S>(
    Projection<S> projection,
    JdbcTemplate jdbc,
    ProjectionRow row,
    ProjectionPosition position,
    ProjectionProgress progress,
    ParkedEvents parked,
    ParkedByRebuild parkedByRebuild) {

  static <S> RunningProjection<S> of(Projection<S> projection, JdbcTemplate jdbc) {
    String name = projection.name();
    return new RunningProjection<>(
        projection,
        jdbc,
        new ProjectionRow(jdbc, name),
        new ProjectionPosition(jdbc, name),
        new ProjectionProgress(),
        new ParkedEvents(jdbc, name),
        new ParkedByRebuild(jdbc, name));
  }

  /** The projection's name. */
  public String name() {
    return projection.name();
  }

  /**
   * Which of these events are left out of all generations: discarded ones stay out, and parked ones
   * wait for the operator.
   *
   * @return by position, of which import
   */
  public Map<Long, UUID> leftOut(List<RecordedEvent> events) {
    return parked.any() ? parked.leftOut(RecordedEvents.imports(events)) : Map.of();
  }

  /** The generation that is read. */
  public Generation<S> live(long generation) {
    return new Generation<>(projection, jdbc, generation, parked);
  }

  /** The generation that is being rebuilt. Events that it cannot apply are parked for it alone. */
  public Generation<S> rebuilt(long generation) {
    return new Generation<>(projection, jdbc, generation, parkedByRebuild);
  }
}
