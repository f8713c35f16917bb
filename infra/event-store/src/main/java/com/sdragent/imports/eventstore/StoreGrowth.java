package com.sdragent.imports.eventstore;

import com.sdragent.imports.loops.GaugedLook;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.function.ToDoubleFunction;
import org.springframework.jdbc.core.JdbcTemplate;

/** How large the log has become, and whether PostgreSQL keeps up with freezing it. */
final class StoreGrowth implements MeterBinder {
  private final GaugedLook<Grown> look;

  StoreGrowth(JdbcTemplate jdbc) {
    look = new GaugedLook<>(() -> grown(jdbc));
  }

  /**
   * @param freezeAge how many transactions ago the oldest row of the database that is not frozen
   *     was written, at most
   */
  private record Grown(long tableBytes, long indexBytes, long notVacuumed, long freezeAge) {}

  private static Grown grown(JdbcTemplate jdbc) {
    return jdbc.queryForObject(
        """
        select pg_table_size('domain_event'), pg_indexes_size('domain_event'),
          coalesce(pg_stat_get_ins_since_vacuum('domain_event'::regclass), 0),
          (select age(datfrozenxid) from pg_database where datname = current_database())
        """,
        (row, _) -> new Grown(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4)));
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    bytes("table", Grown::tableBytes).register(registry);
    bytes("indexes", Grown::indexBytes).register(registry);
    gauge("imports.store.not.vacuumed.events", Grown::notVacuumed)
        .description("Events stored since PostgreSQL last vacuumed the log")
        .register(registry);
    gauge("imports.store.freeze.age", Grown::freezeAge)
        .description("Transactions since the oldest row of the database that is not frozen")
        .register(registry);
  }

  private Gauge.Builder<?> bytes(String part, ToDoubleFunction<Grown> value) {
    return gauge("imports.store.bytes", value)
        .description("Size of the log on PostgreSQL's disk")
        .tag("part", part);
  }

  private Gauge.Builder<?> gauge(String name, ToDoubleFunction<Grown> value) {
    return Gauge.builder(name, look, it -> it.value(value));
  }
}
