package com.sdragent.imports.query.projection;

import com.sdragent.imports.eventstore.sessions.VisibleRows;
import com.sdragent.imports.query.projection.CurrentReads.Asked;
import com.sdragent.imports.query.projection.CurrentReads.Projected;
import com.sdragent.imports.query.projection.CurrentReads.Reached;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Reads over all that an organization has. They wait for the organization's own events, and say how
 * many of those they miss when the time is up.
 */
public final class CurrentLists {
  /** The most events that are counted. The difference of positions would tell what others write. */
  private static final int COUNTED = 10_000;

  private static final String MISSING =
      "select count(*) from (select from domain_event where (organization, position) > (?, ?)"
          + " and (organization, position) <= (?, ?) order by organization, position limit "
          + COUNTED
          + ") missing";

  private final String name;
  private final VisibleRows visible;
  private final CurrentReads<Seen> reads;

  CurrentLists(String name, VisibleRows visible, CurrentReads<Seen> reads) {
    this.name = name;
    this.visible = visible;
    this.reads = reads;
  }

  /**
   * The result of one look: what there is of each organization.
   *
   * @param isOfReplica whether it was taken on a server that follows the primary
   */
  record Seen(Projected projected, boolean isOfReplica, Map<UUID, Organization> organizations)
      implements CurrentReads.Seen {

    @Override
    public long target(Asked asked) {
      return of(asked.organization()).last();
    }

    Organization of(UUID id) {
      return Objects.requireNonNull(organizations.get(id));
    }
  }

  /**
   * An organization, in the store and beside a projection.
   *
   * @param last the position of its last event, or 0
   * @param parked how many of its events are parked
   */
  record Organization(long last, long parked) {}

  /** Finds how far a projection is, and what there is of organizations, in one statement. */
  static CurrentReads.Look<Seen> look(VisibleRows visible, String name) {
    return (_, asked) -> see(visible, name, Asked.organizations(asked));
  }

  private static Seen see(VisibleRows visible, String name, Set<UUID> organizations) {
    return visible.query(
        organizations,
        "select *, pg_is_in_recovery() from look_at_organizations(?, ?)",
        rows -> {
          Projected projected = null;
          boolean isOfReplica = false;
          var found = new HashMap<UUID, Organization>();
          while (rows.next()) {
            if (projected == null) projected = Projected.of(rows);
            isOfReplica = rows.getBoolean(7);
            found.put(
                rows.getObject(4, UUID.class), new Organization(rows.getLong(5), rows.getLong(6)));
          }
          return new Seen(Objects.requireNonNull(projected), isOfReplica, found);
        },
        name,
        organizations.toArray(UUID[]::new));
  }

  /**
   * Waits until the rows show everything of the organization that was written before.
   *
   * @return how many of its events they may still miss: those that were left when the time was up
   *     (of more than 10,000, that many), and the parked ones; after the store was restored to an
   *     earlier point, one more than those. It says nothing of what others have written
   */
  public long awaitCurrent(UUID organization) {
    Reached<Seen> reached = reads.await(new Asked(organization, organization));
    // The rows may be read on a replica, which gets what is on the primary's disk.
    if (!reached.seen().isOfReplica()) visible.catchUp();
    long parked = reached.seen().of(organization).parked();
    if (reached.isCurrent()) return parked;
    Projected projected = reached.seen().projected();
    return parked
        + (projected.isHeld() ? missing(organization, projected.position(), reached.target()) : 1);
  }

  /**
   * What was read from the rows of a generation.
   *
   * @param live the generation that was live in the same database snapshot, or null when the
   *     statement did not tell
   */
  public record Read<T>(T found, @Nullable Long live) {}

  /**
   * Reads from the live rows. If their generation is live in the same snapshot, or still
   * afterwards, nobody had emptied it before.
   *
   * @param read reads one statement from the rows of a generation; it is called again when that was
   *     not the live one
   */
  public <T> T live(LongFunction<Read<T>> read) {
    long known = reads.generation();
    while (true) {
      Read<T> answer = read.apply(known);
      long live = answer.live() == null ? ProjectionRow.live(visible, name) : answer.live();
      if (live == known) return answer.found();
      known = live;
    }
  }

  /** How many events of an organization follow a position, up to another, if they are not more. */
  private long missing(UUID organization, long position, long upTo) {
    return visible
        .query(
            organization,
            MISSING,
            (row, _) -> row.getLong(1),
            organization,
            position,
            organization,
            upTo)
        .getFirst();
  }
}
