package com.sdragent.imports.query.projection;

import com.sdragent.imports.eventstore.sessions.VisibleRows;
import com.sdragent.imports.query.web.SharedLookups;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads of a projection that see every write that was answered before they began, on any node (the
 * ReadIndex of Raft, in SQL). A look tells the position of the last event of what is asked for, an
 * import or an organization, and how far the projection is, from one database snapshot with the
 * rows. Only when the projection has not reached that event does a request wait for it, so what is
 * written to others holds up nobody. Requests that come together share one statement. A waiting
 * request holds no connection.
 *
 * @param <R> what a look finds
 */
public final class CurrentReads<R extends CurrentReads.Seen> {
  /** A look usually takes less than a millisecond; one that hangs holds up no other. */
  private static final Duration PATIENCE = Duration.ofMillis(10);

  /**
   * A busy node gets a dozen requests in that time, and a look for all of them costs little more.
   */
  private static final Duration GATHER_TIME = Duration.ofNanos(500_000);

  /** How long a request rests first that waits for a replica. */
  private static final Duration SOON = Duration.ofMillis(5);

  private final ProjectionProgress progress;
  private final Duration maxWait;
  private final Duration lookAgain;
  private final VisibleRows visible;
  private final Look<R> look;
  private final ReadTimes times;
  private final SharedLookups<Asked, R> lookups;

  /** The generation that was live at the last look. */
  private volatile long generation;

  CurrentReads(
      ProjectionProgress progress,
      ProjectionProperties waits,
      VisibleRows visible,
      Look<R> look,
      ReadTimes times) {
    this.progress = progress;
    maxWait = waits.maxWait();
    lookAgain = waits.lookAgain();
    this.visible = visible;
    this.look = look;
    this.times = times;
    lookups = new SharedLookups<>(this::see, PATIENCE, GATHER_TIME);
  }

  /**
   * What a request asks for.
   *
   * @param organization the organization that asks
   * @param id the import that is asked for, or the organization itself
   */
  public record Asked(UUID organization, UUID id) {
    /** The organizations that a look is for. */
    public static Set<UUID> organizations(Set<Asked> asked) {
      return asked.stream().map(Asked::organization).collect(Collectors.toSet());
    }

    /** The ids that a look is for. */
    public static UUID[] ids(Set<Asked> asked) {
      return asked.stream().map(Asked::id).distinct().toArray(UUID[]::new);
    }
  }

  /** The result of one look, from one database snapshot. */
  public interface Seen {
    /** How far the projection is. */
    Projected projected();

    /**
     * The position that the projection has to reach to show what was asked for: that of its last
     * event; when the projection has reached that, it may be 0.
     */
    long target(Asked asked);
  }

  /** A look at the database. */
  @FunctionalInterface
  public interface Look<R> {
    /** Finds what is asked for, in the rows of a generation, by one statement. */
    R at(long generation, Set<Asked> asked);
  }

  /**
   * How far a projection is.
   *
   * @param isHeld whether the store holds the event at the position, as the projection met it;
   *     otherwise the rows were made from events that a restored store does not have
   */
  public record Projected(long position, boolean isHeld, long generation) {
    /** Reads a row that begins with the columns {@code projected, held, generation}. */
    public static Projected of(ResultSet row) throws SQLException {
      return new Projected(row.getLong(1), row.getBoolean(2), row.getLong(3));
    }
  }

  /**
   * The last of a request's looks.
   *
   * @param target the position of the last event when the request began
   */
  record Reached<R extends Seen>(R seen, long target) {
    boolean isCurrent() {
      return isReached() && seen.projected().isHeld();
    }

    private boolean isReached() {
      return seen.projected().position() >= target;
    }

    /** Whether a later look may be current. */
    private boolean isUnderWay() {
      return !isReached() && seen.projected().isHeld();
    }
  }

  /**
   * The result of a look that shows all that was written before, or null when the projection is too
   * far behind, or the store was restored to an earlier point than the rows were made from.
   */
  public @Nullable R current(Asked asked) {
    Reached<R> reached = await(asked);
    return reached.isCurrent() ? reached.seen() : null;
  }

  /**
   * Waits until a look is current, or the time is up, or waiting is of no use. The database's word
   * decides: after its crash, the projection may be behind the position that this node has heard
   * of.
   */
  Reached<R> await(Asked asked) {
    R first = look(asked);
    long target = first.target(asked);
    var reached = new Reached<>(first, target);
    if (!reached.isUnderWay()) {
      times.atOnce(reached.isCurrent());
      return reached;
    }
    long begun = System.nanoTime();
    long deadline = begun + maxWait.toNanos();
    // The notification may have come before a replica showed what it was about.
    Duration again = visible.areReplicated() ? min(SOON, lookAgain) : lookAgain;
    while (reached.isUnderWay()) {
      Duration left = Duration.ofNanos(deadline - System.nanoTime());
      if (left.isNegative()) break;
      // The wait ends now and then to look again, because a notification may have been lost.
      progress.await(target, min(left, again));
      again = min(again.multipliedBy(2), lookAgain);
      // A projection does not wait for the disk, and a replica gets what is there.
      visible.catchUp();
      reached = new Reached<>(look(asked), target);
    }
    times.afterWaiting(reached.isCurrent(), begun);
    return reached;
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  /** The generation that was live at the last look. */
  long generation() {
    return generation;
  }

  private R look(Asked asked) {
    long heard = progress.position();
    R seen = lookups.look(asked);
    progress.looked(seen.projected().position(), heard);
    return seen;
  }

  private R see(Set<Asked> asked) {
    while (true) {
      long read = generation;
      R seen = look.at(read, asked);
      long live = seen.projected().generation();
      generation = live;
      if (live == read) return seen;
    }
  }
}
