package com.sdragent.imports.eventstore.sessions;

import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * A server that follows the primary, and how a statement there sees whatever was answered before it
 * was asked for. The primary is asked how far its log is on disk, since nothing is answered before
 * it is. A statement counts if the replica had replayed as much before the statement took its
 * snapshot, and has the present timeline of the store: one that followed a primary that was given
 * up does not. A replica that has become the primary is as good, once that is noted: one that was
 * promoted beside the primary is on a timeline that the store does not have.
 */
public final class Replica {
  private static final Duration FIRST_PAUSE = Duration.ofNanos(250_000);
  private static final Duration LONGEST_PAUSE = Duration.ofMillis(50);

  private static final String MOMENT =
      "select pg_current_wal_flush_lsn()::text, number, noted_at from store_timeline"
          + " order by number desc limit 1";

  /** A message for nobody: its commit takes to the disk whatever was committed before. */
  private static final String FLUSH =
      "select set_config('synchronous_commit', 'local', true),"
          + " pg_logical_emit_message(true, 'imports', '')";

  private static final String BEHIND =
      "has not replayed what the primary had when the request came";
  private static final String ASTRAY = "does not follow the primary of this store";

  /** What keeps a server from answering as of a moment; empty if nothing does. */
  static final String OBSTACLE =
      "case when pg_is_in_recovery()"
          + " and not coalesce(pg_last_wal_replay_lsn() >= cast(? as pg_lsn), false)"
          + " then '"
          + BEHIND
          + "' when not exists (select from store_timeline where number = ? and noted_at = ?"
          // In recovery there is no log of its own to ask about.
          + " and case when pg_is_in_recovery() then true else"
          + " wal_timeline = substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) and"
          + " system_identifier = (select s.system_identifier from pg_control_system() s) end)"
          + " then '"
          + ASTRAY
          + "' else '' end";

  /** How far it is itself. What it had replayed once it has for ever. */
  private static final String REACHED =
      "select not pg_is_in_recovery(), coalesce(pg_last_wal_replay_lsn(), '0/0')::text, number,"
          + " noted_at from store_timeline order by number desc limit 1";

  private final Supplier<Moment> primary;
  private final Supplier<Reached> replica;
  private final Runnable flush;
  private final Duration maxWait;
  private final Runnable onWait;
  private final Function<String, RuntimeException> late;
  private volatile @Nullable Looked looked;

  /**
   * @param primary looks at the {@link #moment} after it was called
   * @param replica looks at what the replica has {@link #reached}
   * @param flush {@link #flush flushes} the primary's log after it was called
   * @param maxWait how long a statement waits for the replica
   * @param onWait is told of each statement that has to wait
   * @param late what is thrown when it has waited in vain, for this reason
   */
  public Replica(
      Supplier<Moment> primary,
      Supplier<Reached> replica,
      Runnable flush,
      Duration maxWait,
      Runnable onWait,
      Function<String, RuntimeException> late) {
    this.primary = primary;
    this.replica = replica;
    this.flush = flush;
    this.maxWait = maxWait;
    this.onWait = onWait;
    this.late = late;
  }

  /**
   * How far the primary was.
   *
   * @param flushed the place up to which its log was on disk
   * @param timeline the number of the store's last timeline
   * @param noted when that was noted, which tells it from another of the same number
   */
  public record Moment(String flushed, int timeline, OffsetDateTime noted) {
    static final int VALUES = 3;

    /** The values of {@link #OBSTACLE}. */
    void addTo(Object[] values, int index) {
      values[index] = flushed;
      values[index + 1] = timeline;
      values[index + 2] = noted;
    }
  }

  /** How far the primary is. */
  public static Moment moment(JdbcTemplate primary) {
    return primary
        .query(
            MOMENT,
            (row, _) ->
                new Moment(row.getString(1), row.getInt(2), row.getObject(3, OffsetDateTime.class)))
        .getFirst();
  }

  /**
   * How far the replica was.
   *
   * @param isPrimary whether it follows nobody any more
   * @param replayed the place up to which it had replayed the primary's log
   * @param timeline the number of the store's last timeline there
   * @param noted when that was noted
   */
  public record Reached(boolean isPrimary, String replayed, int timeline, OffsetDateTime noted) {

    /** What keeps it from answering as of a moment; empty if nothing that can be seen from here. */
    String obstacle(Moment moment) {
      if (!isPrimary && Long.compareUnsigned(place(replayed), place(moment.flushed())) < 0) {
        return BEHIND;
      }
      boolean isOther =
          timeline < moment.timeline()
              || (timeline == moment.timeline() && !noted.isEqual(moment.noted()));
      return isOther ? ASTRAY : "";
    }

    private static long place(String text) {
      int slash = text.indexOf('/');
      long file = Long.parseUnsignedLong(text, 0, slash, 16);
      return (file << 32) + Long.parseUnsignedLong(text, slash + 1, text.length(), 16);
    }
  }

  private record Looked(Reached reached, long nanos) {}

  /** How far the replica is. */
  public static Reached reached(JdbcTemplate replica) {
    return replica
        .query(
            REACHED,
            (row, _) ->
                new Reached(
                    row.getBoolean(1),
                    row.getString(2),
                    row.getInt(3),
                    row.getObject(4, OffsetDateTime.class)))
        .getFirst();
  }

  /** Takes to the primary's disk what was committed there without waiting for that. */
  public static void flush(JdbcTemplate primary) {
    primary.query(FLUSH, row -> {});
  }

  /**
   * What a statement brings.
   *
   * @param obstacle what kept the server from answering, or empty
   * @param found what the statement found, unless there is an obstacle
   */
  record Seen<T>(String obstacle, @Nullable T found) {}

  void flush() {
    flush.run();
  }

  /**
   * What a statement finds once the replica is as far as the primary was after this was called.
   * Whoever waits holds no connection, and however many wait, they look together.
   *
   * @param statement is tried as of a moment
   * @throws RuntimeException the one of its own, when the replica is not as far in time, or its
   *     replay cancels the statement again and again
   */
  <T> T see(Function<Moment, Seen<T>> statement) {
    Moment moment = primary.get();
    long deadline = System.nanoTime() + maxWait.toNanos();
    Duration pause = FIRST_PAUSE;
    boolean waits = false;
    while (true) {
      String reason;
      try {
        Seen<T> seen = statement.apply(moment);
        T found = seen.found();
        if (found != null) return found;
        reason = seen.obstacle();
      } catch (ConcurrencyFailureException e) {
        reason = "cancels statements to go on with its replay";
      }
      if (!waits) onWait.run();
      waits = true;
      do {
        if (System.nanoTime() - deadline >= 0) {
          throw late.apply("The replica that this node reads from " + reason);
        }
        LockSupport.parkNanos(pause.toNanos());
        String now = lately(pause).obstacle(moment);
        pause = pause.compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : pause;
        if (now.isEmpty()) break;
        reason = now;
      } while (true);
    }
  }

  /** What the replica had reached at most so long ago: the statement itself finds out the rest. */
  private Reached lately(Duration ago) {
    long now = System.nanoTime();
    Looked known = looked;
    if (known != null && now - known.nanos() < ago.toNanos()) return known.reached();
    Reached reached = replica.get();
    looked = new Looked(reached, now);
    return reached;
  }
}
