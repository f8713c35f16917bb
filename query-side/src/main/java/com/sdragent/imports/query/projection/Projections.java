package com.sdragent.imports.query.projection;

import com.sdragent.imports.eventstore.sessions.VisibleRows;
import com.sdragent.imports.query.projection.CurrentReads.Look;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.jdbc.core.JdbcTemplate;

/** The projections that this node runs, by their names. */
public final class Projections {
  private final ProjectionProperties properties;
  private final VisibleRows visible;
  private final MeterRegistry metrics;
  private final Map<String, RunningProjection<?>> byName = new LinkedHashMap<>();

  Projections(
      JdbcTemplate jdbc,
      VisibleRows visible,
      List<Projection<?>> all,
      ProjectionProperties properties,
      MeterRegistry metrics) {
    this.properties = properties;
    this.metrics = metrics;
    this.visible = visible;
    for (Projection<?> one : all) {
      String name = one.name();
      if (!name.matches("[a-z_]+")) {
        throw new IllegalStateException("No name of a projection: " + name);
      }
      if (byName.put(name, RunningProjection.of(one, jdbc)) != null) {
        throw new IllegalStateException("Two projections have the name " + name);
      }
    }
  }

  /** All of them. */
  public Collection<RunningProjection<?>> all() {
    return Collections.unmodifiableCollection(byName.values());
  }

  /** The projection with this name. */
  public Optional<RunningProjection<?>> named(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  /** Reads over all that an organization has in a projection, which are never stale. */
  public CurrentLists lists(Projection<?> projection) {
    String name = projection.name();
    return new CurrentLists(name, visible, reads(projection, CurrentLists.look(visible, name)));
  }

  /**
   * Reads of a projection that are never stale.
   *
   * @param look the look that requests share when they come together
   */
  public <R extends CurrentReads.Seen> CurrentReads<R> reads(
      Projection<?> projection, Look<R> look) {
    return new CurrentReads<>(
        running(projection).progress(),
        properties,
        visible,
        look,
        new ReadTimes(projection.name(), metrics));
  }

  private RunningProjection<?> running(Projection<?> projection) {
    return named(projection.name()).orElseThrow();
  }
}
