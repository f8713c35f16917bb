package com.sdragent.imports.query.view;

import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.events.ImportStatus;
import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.RecordedEvent;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Reads that see every write that was answered before they began, on any node: they learn the
 * store's head after they began and are answered once the projection has reached it (the ReadIndex
 * of Raft, in SQL). Requests that come together share one statement, which brings head, position
 * and rows from one snapshot. Who waits holds no connection.
 */
final class ImportReads {
  private static final String HEAD =
      "coalesce((select position from domain_event order by position desc limit 1), 0)";

  private static final String PLACE =
      "select "
          + HEAD
          + ", "
          + ProjectionPosition.LAST
          + ", p.generation,"
          + " exists (select 1 from parked_event where discarded_at is null)";

  static final String POSITIONS = PLACE + " from projection p where p.name = 'imports'";

  private static final String WITH_ROWS =
      PLACE
          + ", (select array_agg(distinct import_id) from parked_event"
          + " where discarded_at is null and import_id = any (?)),"
          + " v.id, v.org_id, v.campaign_id, v.source, v.file_name, v.status, v.total_rows,"
          + " v.created_at, v.updated_at from projection p left join ";

  private static final int EVENTS_AT_ONCE = 1000;
  private static final Duration POLL_AGAIN = Duration.ofSeconds(1);
  private static final long POLL_PAUSE_MILLIS = 10;

  /** While the answer of one travels, PostgreSQL works on the other. */
  private static final int LOOKUPS_AT_ONCE = 2;

  private final JdbcTemplate jdbc;
  private final EventLog log;
  private final ParkedEvents parked;
  private final ProjectionProgress progress;
  private final Duration maxWait;
  private final Duration lookAgain;
  private final SharedLookups<Seen> lookups;
  private final AtomicInteger longPolls = new AtomicInteger();

  /** The one that was live when it was last looked. */
  private volatile long generation;

  ImportReads(
      JdbcTemplate jdbc,
      EventLog log,
      ParkedEvents parked,
      ProjectionProgress progress,
      Duration maxWait,
      Duration lookAgain) {
    this.jdbc = jdbc;
    this.log = log;
    this.parked = parked;
    this.progress = progress;
    this.maxWait = maxWait;
    this.lookAgain = lookAgain;
    lookups = new SharedLookups<>(this::see, LOOKUPS_AT_ONCE);
  }

  /** The organization's import as of now, from its events when the projection is too far behind. */
  Optional<Active> find(UUID orgId, UUID id) {
    Seen seen = look(id);
    if (!seen.isCurrent()) seen = caughtUp(seen, id);
    if (seen == null) return fromEvents(orgId, id);
    if (seen.blocked().contains(id)) return fromEvents(orgId, id);
    Active row = seen.rows().get(id);
    return row != null && row.orgId().equals(orgId) ? Optional.of(row) : Optional.empty();
  }

  /**
   * The import once it has come to such a status, or as it is when the time is up or the node
   * stops. Looks again when the projection has moved on, on whatever node, yet not more often than
   * the pause says.
   */
  Optional<Active> findOnce(Predicate<ImportStatus> reached, Duration limit, UUID orgId, UUID id) {
    longPolls.incrementAndGet();
    try {
      return poll(reached, limit, orgId, id);
    } finally {
      longPolls.decrementAndGet();
    }
  }

  /** How many wait for a status. */
  int longPolls() {
    return longPolls.get();
  }

  private Optional<Active> poll(
      Predicate<ImportStatus> reached, Duration limit, UUID orgId, UUID id) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (true) {
      long position = progress.position();
      Optional<Active> found = find(orgId, id);
      long left = deadline - System.nanoTime();
      if (found.isEmpty() || reached.test(found.get().status())) return found;
      if (left <= 0 || !progress.isRunning()) return found;
      // Now and then by itself, because the projection may have stopped.
      long again = Math.max(POLL_AGAIN.toNanos(), lookAgain.toNanos());
      progress.awaitChange(position, Duration.ofNanos(Math.min(left, again)));
      try {
        Thread.sleep(Math.min(left / 1_000_000, POLL_PAUSE_MILLIS));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return found;
      }
    }
  }

  /**
   * Waits until a list would see all that was written before.
   *
   * @return how many events it still misses: those that were left when the time was up, and the
   *     organization's parked ones; or how many it shows that the store has lost
   */
  long awaitCurrent(UUID orgId) {
    Seen first = look(null);
    Seen seen = first.isCurrent() ? first : caughtUp(first, null);
    Positions now = seen == null ? positions() : seen.positions();
    long missing = 0;
    if (seen == null) {
      missing =
          now.isAhead() ? -now.lag() : Math.max(0, first.positions().head() - now.projected());
    }
    return now.anyParked() ? missing + parked.count(orgId) : missing;
  }

  /** The generation whose rows are to be read, as far as this node has heard. */
  long generation() {
    return generation;
  }

  /** Whether this generation is live now. */
  boolean isLive(long read) {
    Long live =
        jdbc.queryForObject("select generation from projection where name = 'imports'", Long.class);
    generation = Objects.requireNonNull(live);
    return generation == read;
  }

  /**
   * The first answer that has reached the head that was seen, or null when the time is up or the
   * store is behind what the rows were made from: it was restored to an earlier point. What the
   * database says decides: after its crash the projection may have gone back behind what this node
   * heard of it.
   */
  private @Nullable Seen caughtUp(Seen first, @Nullable UUID id) {
    long head = first.positions().head();
    long deadline = System.nanoTime() + maxWait.toNanos();
    Seen answer = first;
    while (answer.positions().projected() < head) {
      Duration left = Duration.ofNanos(deadline - System.nanoTime());
      if (left.isNegative()) return null;
      // Looking by itself now and then, because a notification may have been lost.
      progress.await(head, left.compareTo(lookAgain) < 0 ? left : lookAgain);
      answer = look(id);
    }
    return answer.positions().isAhead() ? null : answer;
  }

  private Seen look(@Nullable UUID id) {
    long heard = progress.position();
    Seen seen = lookups.look(id);
    progress.looked(seen.positions().projected(), heard);
    return seen;
  }

  /** The store's head and the projection's position, from one snapshot. */
  Positions positions() {
    return jdbc.query(POSITIONS, (row, _) -> positions(row)).getFirst();
  }

  private Seen see(Set<UUID> ids) {
    if (ids.isEmpty()) return new Seen(positions(), Set.of(), Map.of());
    while (true) {
      long read = generation;
      Seen seen = see(ids, read);
      generation = seen.positions().generation();
      if (seen.positions().generation() == read) return seen;
    }
  }

  private Seen see(Set<UUID> ids, long read) {
    Seen seen =
        jdbc.query(
            WITH_ROWS + ImportTable.name(read) + " v on v.id = any (?) where p.name = 'imports'",
            statement -> {
              Array wanted = statement.getConnection().createArrayOf("uuid", ids.toArray());
              statement.setArray(1, wanted);
              statement.setArray(2, wanted);
            },
            rows -> {
              Positions positions = null;
              Set<UUID> blocked = Set.of();
              var found = new HashMap<UUID, Active>();
              while (rows.next()) {
                if (positions == null) {
                  positions = positions(rows);
                  Array some = rows.getArray(5);
                  if (some != null) blocked = Set.of((UUID[]) some.getArray());
                }
                if (rows.getString(6) == null) continue;
                Active row = ImportRows.read(rows, 6);
                found.put(row.id(), row);
              }
              return new Seen(Objects.requireNonNull(positions), blocked, found);
            });
    return Objects.requireNonNull(seen);
  }

  private static Positions positions(ResultSet row) throws SQLException {
    return new Positions(row.getLong(1), row.getLong(2), row.getLong(3), row.getBoolean(4));
  }

  /** Leaves out what was discarded, and what cannot be applied, as the projection does. */
  private Optional<Active> fromEvents(UUID orgId, UUID id) {
    Set<Long> discarded = parked.discarded(id);
    ImportState state = ImportState.absent();
    List<RecordedEvent> events;
    long sequence = -1;
    do {
      events = log.ofImport(id, sequence, EVENTS_AT_ONCE);
      for (RecordedEvent event : events) {
        sequence = event.sequence();
        if (discarded.contains(event.position())) continue;
        state = Fold.afterIfPossible(state, event);
      }
    } while (events.size() == EVENTS_AT_ONCE);
    return state instanceof Active active && active.orgId().equals(orgId)
        ? Optional.of(active)
        : Optional.empty();
  }

  /** Where store and projection are. */
  record Positions(long head, long projected, long generation, boolean anyParked) {
    long lag() {
      return head - projected;
    }

    /** The rows were made from events that the store does not hold. */
    boolean isAhead() {
      return projected > head;
    }
  }

  /** What one look has found, in one snapshot. */
  private record Seen(Positions positions, Set<UUID> blocked, Map<UUID, Active> rows) {
    boolean isCurrent() {
      return positions.projected() == positions.head();
    }
  }
}
