package com.sdragent.imports.query.replay;

import com.sdragent.imports.access.ApiError;
import com.sdragent.imports.query.view.ImportTable;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.JdbcTemplate;

/** What is asked of rebuilds and told of them: rows, so that every node knows and none forgets. */
final class Rebuilds {
  private final JdbcTemplate jdbc;

  Rebuilds(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * Asks for a rebuild, which whatever node comes first begins. Takes the projection's lock, so
   * that no parked event is just being retried.
   *
   * @throws ApiError 409, when one is running
   */
  void start() {
    try {
      jdbc.update(
          """
          insert into projection_rebuild (generation, target)
          select generation + 1,
                 least(position, (select coalesce(max(position), 0) from domain_event))
          from projection where name = 'imports' for update
          """);
    } catch (DuplicateKeyException e) {
      throw ApiError.conflict("A rebuild is running");
    }
  }

  /**
   * Ends the running one. The step that is under way has no effect any more.
   *
   * @throws ApiError 404, when none is running
   */
  void cancel() {
    if (!new ImportTable(jdbc).endRebuild("cancelled", null)) {
      throw ApiError.notFound("No rebuild is running");
    }
  }

  /** The last one that was asked for, or null. */
  @Nullable RebuildStatus last() {
    return jdbc
        .query(
            """
            select r.id, r.state, r.phase, r.events_done, greatest(r.target, r.position, p.position),
                   extract(epoch from coalesce(r.finished_at, clock_timestamp()) - r.started_at)::float8,
                   r.differences, r.examples, r.error, r.started_at, r.finished_at
            from projection_rebuild r, projection p
            where p.name = 'imports' order by r.id desc limit 1
            """,
            (row, _) -> status(row))
        .stream()
        .findFirst()
        .orElse(null);
  }

  private static RebuildStatus status(ResultSet row) throws SQLException {
    String state = row.getString(2);
    boolean running = state.equals("running");
    long done = row.getLong(4);
    long total = running ? row.getLong(5) : done;
    double seconds = row.getDouble(6);
    long rate = seconds > 0 ? Math.round(done / seconds) : 0;
    Long left = running && rate > 0 ? (Long) ((Math.max(0, total - done) + rate - 1) / rate) : null;
    OffsetDateTime finished = row.getObject(11, OffsetDateTime.class);
    return new RebuildStatus(
        row.getLong(1),
        state,
        row.getString(3),
        done,
        total,
        rate,
        left,
        row.getLong(7),
        row.getString(8),
        row.getString(9),
        row.getObject(10, OffsetDateTime.class).toInstant(),
        finished == null ? null : finished.toInstant());
  }
}
