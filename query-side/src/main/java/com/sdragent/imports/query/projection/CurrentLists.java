package com.sdragent.imports.query.projection;

import com.sdragent.imports.query.projection.CurrentReads.Projected;
import com.sdragent.imports.query.projection.CurrentReads.Reached;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Reads over all that an organization has. They wait for the organization's own events, and say how
 * many of those they miss when the time is up.
 */
public final class CurrentLists {
  /** So many events are counted one by one; of more, the difference of positions is told. */
  private static final int COUNTED = 10_000;

  private static final String MISSING =
      "select count(*) from (select from domain_event where (organization, position) > (?, ?)"
          + " and (organization, position) <= (?, ?) order by organization, position limit "
          + COUNTED
          + ") missing";

  private final String name;
  private final JdbcTemplate jdbc;
  private final CurrentReads<Seen> reads;

  CurrentLists(String name, JdbcTemplate jdbc, CurrentReads<Seen> reads) {
    this.name = name;
    this.jdbc = jdbc;
    this.reads = reads;
  }

  /** The result of one look: what there is of each organization. */
  record Seen(Projected projected, Map<UUID, Organization> organizations)
      implements CurrentReads.Seen {

    @Override
    public long target(UUID id) {
      return of(id).last();
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
  static CurrentReads.Look<Seen> look(JdbcTemplate jdbc, String name) {
    return (_, ids) -> see(jdbc, name, ids);
  }

  private static Seen see(JdbcTemplate jdbc, String name, Set<UUID> ids) {
    Seen seen =
        jdbc.query(
            "select * from look_at_organizations(?, ?)",
            statement -> {
              statement.setString(1, name);
              statement.setArray(2, statement.getConnection().createArrayOf("uuid", ids.toArray()));
            },
            rows -> {
              Projected projected = null;
              var found = new HashMap<UUID, Organization>();
              while (rows.next()) {
                if (projected == null) projected = Projected.of(rows);
                found.put(
                    rows.getObject(4, UUID.class),
                    new Organization(rows.getLong(5), rows.getLong(6)));
              }
              return new Seen(Objects.requireNonNull(projected), found);
            });
    return Objects.requireNonNull(seen);
  }

  /**
   * Waits until the rows show everything of the organization that was written before.
   *
   * @return how many of its events they may still miss: those that were left when the time was up,
   *     and the parked ones; after the store was restored to an earlier point, by how many events
   *     the rows are off
   */
  public long awaitCurrent(UUID organization) {
    Reached<Seen> reached = reads.await(organization);
    long parked = reached.seen().of(organization).parked();
    if (reached.isCurrent()) return parked;
    Projected projected = reached.seen().projected();
    return parked
        + (projected.isHeld()
            ? missing(organization, projected.position(), reached.target())
            : Math.max(1, Math.abs(Positions.now(jdbc, name).lag())));
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
      long live = answer.live() == null ? ProjectionRow.live(jdbc, name) : answer.live();
      if (live == known) return answer.found();
      known = live;
    }
  }

  /** How many events of an organization follow a position, up to another. */
  private long missing(UUID organization, long position, long upTo) {
    Long counted =
        jdbc.queryForObject(MISSING, Long.class, organization, position, organization, upTo);
    return counted == null || counted == COUNTED ? upTo - position : counted;
  }
}
