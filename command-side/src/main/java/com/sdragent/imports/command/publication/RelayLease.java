package com.sdragent.imports.command.publication;

import com.sdragent.imports.eventstore.Notifications.Channel;
import com.sdragent.imports.loops.ThisNode;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Says whose turn it is to publish, by the database's clock. It spares nodes from fencing each
 * other all the time. That nothing is published twice depends on Kafka's fencing, not on the lease.
 */
final class RelayLease {
  static final String NAME = "relay";
  private static final UUID NOBODY = new UUID(0, 0);

  /** Tells that the lease was given up. */
  static final Channel CHANNEL = new Channel("relay_lease");

  private static final String TAKE =
      """
      with taken as (
        insert into lease as l (name, holder, expires_at, published, node, partitions)
        values (?, ?, clock_timestamp() + ? * interval '1 millisecond', nullif(?, -1), ?, nullif(?, 0))
        on conflict (name) do update
          set holder = excluded.holder, expires_at = excluded.expires_at, node = excluded.node,
              partitions = coalesce(excluded.partitions, l.partitions),
              -- who lost it meanwhile does not know how far others came
              published = case when l.holder = excluded.holder then coalesce(excluded.published, l.published)
                               else l.published end
          where l.holder = excluded.holder or l.expires_at < clock_timestamp()
            or l.expires_at > clock_timestamp() + ? * interval '1 millisecond'
        returning true
      )
      select exists (select from taken),
             coalesce((select extract(epoch from
                                least(greatest(expires_at, now), now + interval '1 hour') - now) * 1000
                       from lease, clock_timestamp() now where name = ?), 0)::bigint
      """;

  private static final long OURS = -1;

  private final JdbcTemplate jdbc;
  private final Duration length;
  private final UUID holder = UUID.randomUUID();
  private long renewedAt;
  private Duration left = Duration.ZERO;
  private boolean held;
  private volatile long position = -1;
  private volatile int partitions;

  RelayLease(JdbcTemplate jdbc, Duration length) {
    this.jdbc = jdbc;
    this.length = length;
  }

  /** Takes or keeps the lease. It asks the database only when a third of the time has passed. */
  synchronized boolean isOurs() {
    long now = System.nanoTime();
    if (held && now - renewedAt < length.toNanos() / 3) return true;
    long others =
        Objects.requireNonNull(
            jdbc.queryForObject(
                TAKE,
                (row, _) -> row.getBoolean(1) ? OURS : Math.max(0, row.getLong(2)),
                NAME,
                holder,
                length.toMillis(),
                position,
                ThisNode.name(),
                partitions,
                LeaseKeeper.MOST_LENGTHS_AHEAD * length.toMillis(),
                NAME));
    held = others == OURS;
    left = held ? Duration.ZERO : Duration.ofMillis(others);
    // The time counts from before the statement, so this node never believes in the lease for
    // longer than the database.
    renewedAt = now;
    return held;
  }

  /**
   * How long another node has the lease from when {@link #isOurs} said so, unless that node renews
   * it or gives it up; no longer than the length of this node's own.
   */
  synchronized Duration left() {
    return left.compareTo(length) < 0 ? left : length;
  }

  /** The holder of the lease while it is this node's. */
  UUID holder() {
    return holder;
  }

  /** Notes how far this node has published, for the lease's row, which has it a little later. */
  void published(long position) {
    this.position = position;
  }

  /** Notes how many partitions the topics have, for the lease's row as well. */
  void partitions(int number) {
    partitions = number;
  }

  /**
   * What the row says.
   *
   * @param time of the database
   * @param node who has the turn, or null when nobody has it
   * @param published how far nodes have published at the least, or -1 when none has
   * @param partitions of the topics, or null before anybody has published
   */
  record Noted(Instant time, @Nullable String node, long published, @Nullable Integer partitions) {}

  /** What nodes noted, a little later than it happened. */
  Noted noted() {
    return Objects.requireNonNull(
        jdbc.queryForObject(
            """
            select now, case when l.expires_at > now then l.node end, coalesce(l.published, -1), l.partitions
            from clock_timestamp() now left join lease l on l.name = ?
            """,
            (row, _) ->
                new Noted(
                    row.getObject(1, OffsetDateTime.class).toInstant(),
                    row.getString(2),
                    row.getLong(3),
                    row.getObject(4, Integer.class)),
            NAME));
  }

  /** How far nodes have published at the least, as they noted it, or -1 when none has. */
  long published() {
    return jdbc
        .query(
            "select published from lease where name = ? and published is not null",
            (row, _) -> row.getLong(1),
            NAME)
        .stream()
        .findFirst()
        .orElse(-1L);
  }

  /**
   * Lets another node begin at once. The row stays, because it says how far events are published.
   */
  synchronized void giveUp() {
    held = false;
    jdbc.query(
        """
        with given as (
          update lease set holder = ?, expires_at = '-infinity',
            published = coalesce(nullif(?, -1), published),
            partitions = coalesce(nullif(?, 0), partitions)
          where name = ? and holder = ? returning name
        )
        select pg_notify('%s', '') from given
        """
            .formatted(CHANNEL.name()),
        _ -> {},
        NOBODY,
        position,
        partitions,
        NAME,
        holder);
    // Whoever has the turn next knows better.
    position = -1;
  }
}
