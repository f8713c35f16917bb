package com.sdragent.imports.command.publication.replay;

import com.sdragent.imports.command.publication.LeaseKeeper;
import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.Notifications.Channel;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.JdbcTemplate;

/** Private replays. They are rows, so that every node knows them and none is forgotten. */
public final class Replays {
  private static final String COLUMNS =
      "id, state, target, dry_run, from_position, to_position, from_time, to_time, organization,"
          + " event_type, import_id, events_per_second, position, events, partitions, error,"
          + " started_at, finished_at,"
          + " extract(epoch from coalesce(finished_at, clock_timestamp()) - started_at)::float8"
          + " as seconds";

  /** Tells that a replay was asked for. */
  static final Channel CHANNEL = new Channel("replay");

  private final JdbcTemplate jdbc;
  private final EventLog log;
  private final Duration lease;

  /**
   * @param lease how long a node may show no sign of life before another node goes on with its
   *     replay
   */
  public Replays(JdbcTemplate jdbc, EventLog log, Duration lease) {
    this.jdbc = jdbc;
    this.log = log;
    this.lease = lease;
  }

  /**
   * Asks for a replay, which the first node that is free begins.
   *
   * @return nothing when a replay into the same topic is running
   */
  public Optional<Replay> start(ReplayRequest request) {
    long head = log.head();
    Long to = request.toPosition();
    EventLog.Selection selection = request.selection();
    try {
      return one(
          """
          insert into replay (target, dry_run, from_position, to_position, from_time, to_time,
                              organization, event_type, import_id, events_per_second, position)
          values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning
          """
              + COLUMNS
              + ", pg_notify('"
              + CHANNEL.name()
              + "', '')",
          request.target(),
          request.dryRun(),
          request.fromPosition(),
          to == null ? head : Math.min(to, head),
          timestamp(selection.from()),
          timestamp(selection.until()),
          selection.orgId(),
          selection.type(),
          selection.importId(),
          request.eventsPerSecond(),
          request.fromPosition() - 1);
    } catch (DuplicateKeyException e) {
      return Optional.empty();
    }
  }

  /** The state of a replay, or nothing when there is none with this id. */
  public Optional<Replay> find(UUID id) {
    return one("select " + COLUMNS + " from replay where id = ?", id);
  }

  /**
   * So many replays, the latest first.
   *
   * @param last those that were asked for before this one, or null for all
   */
  public List<Replay> latestBefore(@Nullable UUID last, int limit) {
    return jdbc.query(
        "select "
            + COLUMNS
            + """
             from replay
            where ?::uuid is null
              or (started_at, id) < (select started_at, id from replay where id = ?)
            order by started_at desc, id desc limit ?
            """,
        (row, _) -> replay(row),
        last,
        last,
        limit);
  }

  /**
   * Ends a replay after the transaction that is under way; a replay that has ended stays as it is.
   *
   * @return the state of the replay, or nothing when there is none with this id
   */
  public Optional<Replay> cancel(UUID id) {
    jdbc.update(
        "update replay set state = 'cancelled', finished_at = clock_timestamp()"
            + " where id = ? and state = 'running'",
        id);
    return find(id);
  }

  /** Whether one runs, on whichever node. */
  boolean isAnyUnderWay() {
    return Boolean.TRUE.equals(
        jdbc.queryForObject(
            "select exists (select from replay where state = 'running')", Boolean.class));
  }

  /** Takes a replay that no node is working on, if there is one. */
  Optional<Replay> claim(UUID holder) {
    return one(
        """
        update replay set holder = ?, leased_until = clock_timestamp() + ? * interval '1 millisecond'
        where id = (select id from replay
                    where state = 'running'
                      and (leased_until is null or leased_until < clock_timestamp()
                           or leased_until > clock_timestamp() + ? * interval '1 millisecond')
                    order by started_at limit 1 for update skip locked)
        returning
        """
            + COLUMNS,
        holder,
        lease.toMillis(),
        LeaseKeeper.MOST_LENGTHS_AHEAD * lease.toMillis());
  }

  /** Keeps the lease, unless another node has taken it. */
  void keep(UUID id, UUID holder) {
    jdbc.update(
        "update replay set leased_until = clock_timestamp() + ? * interval '1 millisecond'"
            + " where id = ? and holder = ? and state = 'running'",
        lease.toMillis(),
        id,
        holder);
  }

  /**
   * Notes how far a replay has come and keeps the lease.
   *
   * @param events how many more events were selected
   * @return the state of the replay, or nothing when it was cancelled or another node has taken it
   */
  Optional<Replay> advance(
      UUID id, UUID holder, long position, long events, @Nullable Integer partitions) {
    return one(
        """
        update replay
        set position = ?, events = events + ?, partitions = ?, error = null,
            leased_until = clock_timestamp() + ? * interval '1 millisecond',
            state = case when ? >= to_position then 'completed' else state end,
            finished_at = case when ? >= to_position then clock_timestamp() end
        where id = ? and holder = ? and state = 'running'
        returning
        """
            + COLUMNS,
        position,
        events,
        partitions,
        lease.toMillis(),
        position,
        position,
        id,
        holder);
  }

  /** Ends a replay as failed, because going on would publish something wrongly. */
  void fail(UUID id, UUID holder, String error) {
    jdbc.update(
        "update replay set state = 'failed', error = ?, finished_at = clock_timestamp()"
            + " where id = ? and holder = ? and state = 'running'",
        error,
        id,
        holder);
  }

  /** Lets any node go on with a replay, in a second. */
  void release(UUID id, UUID holder, @Nullable String error) {
    jdbc.update(
        "update replay set leased_until = clock_timestamp() + interval '1 second', error = ?"
            + " where id = ? and holder = ? and state = 'running'",
        error,
        id,
        holder);
  }

  private Optional<Replay> one(String sql, @Nullable Object... values) {
    return jdbc.query(sql, (row, _) -> replay(row), values).stream().findFirst();
  }

  private static Replay replay(ResultSet row) throws SQLException {
    Instant startedAt = instant(row, "started_at");
    if (startedAt == null) throw new IllegalStateException("A replay without a start time");
    long position = row.getLong("position");
    long looked = position - row.getLong("from_position") + 1;
    double rate = looked / Math.max(row.getDouble("seconds"), 0.001);
    boolean isRunning = row.getString("state").equals("running");
    long left = Math.max(0, row.getLong("to_position") - position);
    return new Replay(
        row.getObject("id", UUID.class),
        row.getString("state"),
        row.getString("target"),
        row.getBoolean("dry_run"),
        row.getLong("from_position"),
        row.getLong("to_position"),
        instant(row, "from_time"),
        instant(row, "to_time"),
        row.getObject("organization", UUID.class),
        row.getString("event_type"),
        row.getObject("import_id", UUID.class),
        row.getInt("events_per_second"),
        position,
        row.getLong("events"),
        Math.round(rate),
        isRunning && looked > 0 ? (Long) (long) Math.ceil(left / rate) : null,
        row.getObject("partitions", Integer.class),
        row.getString("error"),
        startedAt,
        instant(row, "finished_at"));
  }

  private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
    OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }

  private static @Nullable OffsetDateTime timestamp(@Nullable Instant time) {
    return time == null ? null : time.atOffset(ZoneOffset.UTC);
  }
}
