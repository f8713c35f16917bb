package com.sdragent.imports.query.projection;

import com.sdragent.imports.query.web.SharedLookups;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Reads of a projection that see every write that was answered before they began, on any node: they
 * learn the store's head after they began and are answered once the projection has reached it (the
 * ReadIndex of Raft, in SQL). Requests that come together share one statement, which brings the
 * head, the position and the rows from one database snapshot. A waiting request holds no
 * connection.
 *
 * @param <R> what a look finds
 */
public final class CurrentReads<R extends CurrentReads.Seen> {
  /** While the answer to one look travels, PostgreSQL works on the other. */
  private static final int LOOKUPS_AT_ONCE = 2;

  private final RunningProjection<?> projection;
  private final Duration maxWait;
  private final Duration lookAgain;
  private final Look<R> look;
  private final SharedLookups<R> lookups;

  /** The generation that was live at the last look. */
  private volatile long generation;

  CurrentReads(
      RunningProjection<?> projection, Duration maxWait, Duration lookAgain, Look<R> look) {
    this.projection = projection;
    this.maxWait = maxWait;
    this.lookAgain = lookAgain;
    this.look = look;
    lookups = new SharedLookups<>(this::see, LOOKUPS_AT_ONCE);
  }

  /** The result of one look, from one database snapshot. */
  public interface Seen {
    /** The positions of the store and the projection. */
    Positions positions();
  }

  /** A look at the database. */
  @FunctionalInterface
  public interface Look<R> {
    /** Finds these imports in the rows of a generation, and the positions, in one statement. */
    R at(long generation, Set<UUID> ids);
  }

  /** The positions of the store and the projection. */
  public record Positions(long head, long projected, long generation, boolean anyParked)
      implements Seen {
    private static final String HEAD =
        "coalesce((select position from domain_event order by position desc limit 1), 0)";

    /** The columns that {@link #of} reads, of the table {@code projection p}. */
    public static String columns(String name) {
      return HEAD
          + ", "
          + ProjectionPosition.sql(name)
          + ", p.generation, exists (select 1 from parked_event where projection = '"
          + name
          + "' and discarded_at is null)";
    }

    /** Reads a row that begins with the {@link #columns}. */
    public static Positions of(ResultSet row) throws SQLException {
      return new Positions(row.getLong(1), row.getLong(2), row.getLong(3), row.getBoolean(4));
    }

    static String select(String name) {
      return "select " + columns(name) + " from projection p where p.name = '" + name + "'";
    }

    /** The positions as they are, from one database snapshot. */
    public static Positions now(JdbcTemplate jdbc, String name) {
      return jdbc.query(select(name), (row, _) -> of(row)).getFirst();
    }

    @Override
    public Positions positions() {
      return this;
    }

    /** How many stored events the rows do not show yet. */
    public long lag() {
      return head - projected;
    }

    boolean isCurrent() {
      return projected == head;
    }

    /** Whether the rows were made from events that the store does not hold. */
    boolean isAhead() {
      return projected > head;
    }
  }

  /**
   * The result of a look that is current, or null when the projection is too far behind.
   *
   * @param id an import that the look is about
   */
  public @Nullable R current(UUID id) {
    R first = look(id);
    return first.positions().isCurrent() ? first : caughtUp(first, id);
  }

  /**
   * Waits until the rows show everything that was written before.
   *
   * @return how many events they still miss: those that were left when the time was up, and the
   *     organization's parked ones; or how many they show that the store has lost
   */
  public long awaitCurrent(UUID orgId) {
    R first = look(null);
    R seen = first.positions().isCurrent() ? first : caughtUp(first, null);
    Positions now = seen == null ? Positions.now(jdbc(), projection.name()) : seen.positions();
    long missing = 0;
    if (seen == null) {
      missing =
          now.isAhead() ? -now.lag() : Math.max(0, first.positions().head() - now.projected());
    }
    return now.anyParked() ? missing + projection.parked().count(orgId) : missing;
  }

  /**
   * Reads from the live rows. If their generation is still live afterwards, nobody had emptied it
   * before.
   *
   * @param read reads one statement from the rows of a generation; it is called again when that was
   *     not the live one
   */
  public <T> T live(LongFunction<T> read) {
    while (true) {
      long known = generation;
      T answer = read.apply(known);
      if (isLive(known)) return answer;
    }
  }

  private boolean isLive(long read) {
    Long live =
        jdbc()
            .queryForObject(
                "select generation from projection where name = ?", Long.class, projection.name());
    generation = Objects.requireNonNull(live);
    return generation == read;
  }

  /**
   * The first answer that has reached the head that was seen, or null when the time is up or the
   * store is behind what the rows were made from: it was restored to an earlier point. The
   * database's word decides: after its crash, the projection may be behind the position that this
   * node has heard of.
   */
  private @Nullable R caughtUp(R first, @Nullable UUID id) {
    long head = first.positions().head();
    long deadline = System.nanoTime() + maxWait.toNanos();
    R answer = first;
    while (answer.positions().projected() < head) {
      Duration left = Duration.ofNanos(deadline - System.nanoTime());
      if (left.isNegative()) return null;
      // The wait ends now and then to look again, because a notification may have been lost.
      projection.progress().await(head, left.compareTo(lookAgain) < 0 ? left : lookAgain);
      answer = look(id);
    }
    return answer.positions().isAhead() ? null : answer;
  }

  private R look(@Nullable UUID id) {
    long heard = projection.progress().position();
    R seen = lookups.look(id);
    projection.progress().looked(seen.positions().projected(), heard);
    return seen;
  }

  private R see(Set<UUID> ids) {
    while (true) {
      long read = generation;
      R seen = look.at(read, ids);
      generation = seen.positions().generation();
      if (ids.isEmpty() || seen.positions().generation() == read) return seen;
    }
  }

  private JdbcTemplate jdbc() {
    return projection.jdbc();
  }
}
