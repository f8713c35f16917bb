package com.sdragent.imports.query.projection;

import com.sdragent.imports.loops.ThisNode;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.JdbcTemplate;

/** Looks at how far all projections are, in one statement and so at one moment. */
public final class ProjectionStatuses {
  private final JdbcTemplate jdbc;
  private final Map<String, Projector> projectors;
  private final String sql;

  ProjectionStatuses(JdbcTemplate jdbc, Projectors projectors) {
    this.jdbc = jdbc;
    this.projectors =
        projectors.all().stream()
            .collect(Collectors.toMap(one -> one.projection().name(), Function.identity()));
    sql =
        projectors.all().stream()
            .map(one -> select(one.projection().name()))
            .collect(Collectors.joining(" union all "));
  }

  private static String select(String name) {
    return """
    select clock_timestamp(),
      coalesce((select position from domain_event order by position desc limit 1), 0),
      '%1$s', %2$s,
      coalesce((select extract(epoch from clock_timestamp() - occurred_at)
                from domain_event where position = %2$s + 1), 0)::float8,
      %3$s,
      (select count(*) from parked_event where projection = '%1$s' and discarded_at is null),
      exists (select from projection_rebuild where projection = '%1$s' and state = 'running')
    """
        .formatted(name, ProjectionPosition.sql(name), ProjectionPosition.node(name));
  }

  /** How far they are now. */
  public ProjectionStatus.All now() {
    return Objects.requireNonNull(
        jdbc.query(
            sql,
            row -> {
              Instant time = Instant.EPOCH;
              long head = 0;
              List<ProjectionStatus> all = new ArrayList<>();
              while (row.next()) {
                time = row.getObject(1, OffsetDateTime.class).toInstant();
                head = row.getLong(2);
                all.add(status(row, head));
              }
              return new ProjectionStatus.All(time, ThisNode.name(), head, all);
            }));
  }

  private ProjectionStatus status(ResultSet row, long head) throws SQLException {
    String name = row.getString(3);
    Projector projector = Objects.requireNonNull(projectors.get(name));
    long position = row.getLong(4);
    String problem = projector.problem();
    return new ProjectionStatus(
        name,
        position,
        // After the store went back, a projection may be beyond its end.
        Math.max(0, head - position),
        row.getDouble(5),
        row.getString(6),
        problem != null ? "stopped" : projector.standsBy() ? "standby" : "active",
        problem,
        row.getLong(7),
        projector.projection().progress().waiting(),
        row.getBoolean(8));
  }
}
