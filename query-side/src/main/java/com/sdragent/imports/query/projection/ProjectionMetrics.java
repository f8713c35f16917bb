package com.sdragent.imports.query.projection;

import com.sdragent.imports.loops.GaugedLook;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.HashMap;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.JdbcTemplate;

/** How far projections are, and who waits for them. */
final class ProjectionMetrics implements MeterBinder {
  private final Projections projections;
  private final Projectors projectors;
  private final GaugedLook<Map<String, Behind>> look;

  /**
   * How far a projection is behind.
   *
   * @param events how many stored events it does not show
   * @param seconds the age of the oldest of them
   * @param parked how many events are parked
   */
  private record Behind(long events, double seconds, long parked) {}

  ProjectionMetrics(Projections projections, Projectors projectors, JdbcTemplate jdbc) {
    this.projections = projections;
    this.projectors = projectors;
    String sql =
        projections.all().stream()
            .map(one -> select(one.name()))
            .collect(Collectors.joining(" union all "));
    look = new GaugedLook<>(() -> behind(jdbc, sql));
  }

  private static String select(String name) {
    return """
    select '%1$s' as projection,
      coalesce((select position from domain_event order by position desc limit 1), 0) - %2$s,
      coalesce((select extract(epoch from clock_timestamp() - occurred_at)
                from domain_event where position = %2$s + 1), 0)::float8,
      (select count(*) from parked_event where projection = '%1$s' and discarded_at is null)
    """
        .formatted(name, ProjectionPosition.sql(name));
  }

  private static Map<String, Behind> behind(JdbcTemplate jdbc, String sql) {
    var behind = new HashMap<String, Behind>();
    jdbc.query(
        sql,
        row -> {
          behind.put(
              row.getString(1), new Behind(row.getLong(2), row.getDouble(3), row.getLong(4)));
        });
    return behind;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    for (RunningProjection<?> one : projections.all()) {
      gauge(one.name(), "lag.events", Behind::events)
          .description("Stored events that a projection does not show yet")
          .register(registry);
      gauge(one.name(), "lag.seconds", Behind::seconds)
          .description("Age of the oldest event that a projection does not show yet")
          .register(registry);
      gauge(one.name(), "parked.events", Behind::parked)
          .description("Events that a projection could not take, and those that wait behind them")
          .register(registry);
      Gauge.builder("imports.projection.waiting", one.progress(), ProjectionProgress::waiting)
          .description("Requests that wait for a projection to reach what they ask for")
          .tag("projection", one.name())
          .register(registry);
    }
    for (Projector one : projectors.all()) {
      Gauge.builder("imports.projection.stopped", one, it -> it.problem() == null ? 0 : 1)
          .description("1 while this node cannot keep a projection current, 0 otherwise")
          .tag("projection", one.projection().name())
          .register(registry);
    }
  }

  private Gauge.Builder<?> gauge(String projection, String name, ToDoubleFunction<Behind> part) {
    return Gauge.builder(
            "imports.projection." + name,
            look,
            it -> it.value(all -> part.applyAsDouble(all.get(projection))))
        .tag("projection", projection);
  }
}
