package com.sdragent.imports.query.projection.rebuild;

import com.sdragent.imports.eventstore.Notifications.Channel;
import com.sdragent.imports.query.projection.ProjectionPosition;
import com.sdragent.imports.query.projection.RunningProjection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The requests for a projection's rebuilds and their states, kept as rows, so that every node knows
 * them and none forgets.
 */
public final class Rebuilds {
  /** The first of this database's advisory locks for steps of rebuilds. */
  private static final long STEPS = 4919131752989213765L;

  /** Tells that a rebuild was asked for. */
  static final Channel CHANNEL = new Channel("projection_rebuild");

  private final JdbcTemplate jdbc;
  private final String name;

  /** The advisory lock of the node that takes a step. */
  private final long stepLock;

  private Rebuilds(JdbcTemplate jdbc, String name) {
    this.jdbc = jdbc;
    this.name = name;
    stepLock = STEPS + name.hashCode();
  }

  /** The rebuilds of this projection. */
  public static Rebuilds of(RunningProjection<?> projection) {
    return new Rebuilds(projection.jdbc(), projection.name());
  }

  /**
   * Asks for a rebuild, which the first node that is free begins. Takes the projection's lock, so
   * that no parked event is just being retried.
   *
   * @return whether none was running
   */
  public boolean start() {
    try {
      jdbc.query(
          """
          insert into projection_rebuild (projection, generation, target)
          select name, generation + 1,
                 least(%s, (select coalesce(max(position), 0) from domain_event))
          from projection where name = ? for update
          returning pg_notify('%s', '')
          """
              .formatted(ProjectionPosition.sql(name), CHANNEL.name()),
          _ -> {},
          name);
      return true;
    } catch (DuplicateKeyException e) {
      return false;
    }
  }

  /**
   * Ends the running rebuild, unless its generation is already live. The step that is under way no
   * longer has any effect.
   *
   * @return whether there was one
   */
  public boolean cancel() {
    return end("cancelled", null);
  }

  /** Whether one is running. */
  public boolean isRunning() {
    return running() != null;
  }

  void fail(String reason) {
    boolean _ = end("failed", reason);
  }

  /** The projection's lock comes first, as wherever both are held. */
  private boolean end(String state, @Nullable String error) {
    return jdbc.update(
            """
            with held as (select name from projection where name = ? for update),
                 ended as (
                   update projection_rebuild
                   set state = ?, error = ?, finished_at = clock_timestamp()
                   where projection in (select name from held) and state = 'running'
                     and phase <> 'emptying'
                   returning id)
            update projection set shadow_generation = null
            where name in (select name from held) and exists (select 1 from ended)
            """,
            name,
            state,
            error)
        > 0;
  }

  /** Keeps the reason why a step has to be repeated. */
  void note(String reason) {
    jdbc.update(
        "update projection_rebuild set error = ? where projection = ? and state = 'running'",
        reason,
        name);
  }

  /** Whether the caller's transaction takes the next step. */
  boolean isMyTurn() {
    // The lock is not the row itself, because a cancellation must not wait for an index.
    return Boolean.TRUE.equals(
        jdbc.queryForObject("select pg_try_advisory_xact_lock(?)", Boolean.class, stepLock));
  }

  /** The place of the running rebuild, or null. */
  @Nullable Place running() {
    return jdbc
        .query(
            """
            select id, phase, generation, target, last_import, position, compared
            from projection_rebuild where projection = ? and state = 'running'
            """,
            (row, _) ->
                new Place(
                    row.getLong(1),
                    row.getString(2),
                    row.getLong(3),
                    row.getLong(4),
                    row.getObject(5, UUID.class),
                    row.getLong(6),
                    row.getString(7)),
            name)
        .stream()
        .findFirst()
        .orElse(null);
  }

  /**
   * Notes how far a step came, unless the rebuild was ended meanwhile, and returns whether it did.
   */
  boolean advance(long id, Outcome.Done done) {
    var values = new ArrayList<@Nullable Object>(done.values());
    values.add(id);
    return jdbc.update(
            "update projection_rebuild set error = null, "
                + done.changes()
                + " where id = ? and state = 'running'",
            values.toArray())
        > 0;
  }

  /** The last rebuild that was asked for, or null. */
  public @Nullable RebuildStatus last() {
    return latestBefore(Long.MAX_VALUE, 1).stream().findFirst().orElse(null);
  }

  /** So many of the rebuilds that were asked for before this one, the latest first. */
  public List<RebuildStatus> latestBefore(long id, int limit) {
    return jdbc.query(
        """
        select r.id, r.state, r.phase, r.events_done, greatest(r.target, r.position, %s),
               extract(epoch from coalesce(r.finished_at, clock_timestamp()) - r.started_at)::float8,
               r.differences, r.examples, r.error, r.started_at, r.finished_at,
               step.started_at, step.percent
        from projection_rebuild r
        left join (%s) step on r.state = 'running'
        where r.projection = ? and r.id < ?
        order by r.id desc limit ?
        """
            .formatted(ProjectionPosition.sql(name), step()),
        (row, _) -> status(row),
        name,
        id,
        limit);
  }

  /**
   * The SQL for the step under way: what PostgreSQL tells about the session that holds its lock.
   */
  private String step() {
    return """
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
        .formatted(stepLock >>> Integer.SIZE, stepLock & 0xffff_ffffL);
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
