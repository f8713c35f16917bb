package com.sdragent.imports.query.replay;

import com.sdragent.imports.query.view.ImportTable;
import com.sdragent.imports.query.view.ProjectionPosition;
import com.sdragent.imports.web.ApiError;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.JdbcTemplate;

/** What is asked of rebuilds and told of them: rows, so that every node knows and none forgets. */
final class Rebuilds {
  /** The step that is being taken, as PostgreSQL tells of whoever has the lock for it. */
  private static final String STEP =
      """
      select a.xact_start as started_at,
             (100 * i.blocks_done / nullif(i.blocks_total, 0))::int as percent
      from pg_locks l
      join pg_stat_activity a on a.pid = l.pid
      left join pg_stat_progress_create_index i on i.pid = l.pid
      where l.locktype = 'advisory' and l.granted and l.objsubid = 1
        and l.database = (select oid from pg_database where datname = current_database())
        and l.classid = %s and l.objid = %s
      limit 1
      """
          .formatted(Rebuild.STEPS >>> Integer.SIZE, Rebuild.STEPS & 0xffff_ffffL);

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
                 least(%s, (select coalesce(max(position), 0) from domain_event))
          from projection where name = 'imports' for update
          """
              .formatted(ProjectionPosition.LAST));
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
            select r.id, r.state, r.phase, r.events_done, greatest(r.target, r.position, %s),
                   extract(epoch from coalesce(r.finished_at, clock_timestamp()) - r.started_at)::float8,
                   r.differences, r.examples, r.error, r.started_at, r.finished_at,
                   step.started_at, step.percent
            from projection_rebuild r
            left join (%s) step on r.state = 'running'
            order by r.id desc limit 1
            """
                .formatted(ProjectionPosition.LAST, STEP),
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
        instant(row, 11),
        instant(row, 12),
        row.getObject(13, Integer.class));
  }

  private static @Nullable Instant instant(ResultSet row, int column) throws SQLException {
    OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }
}
