package com.sdragent.imports.query.view;

import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.events.ImportStatus;
import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.RecordedEvent;
import com.sdragent.imports.query.view.JsonArrays.Chunk;
import com.sdragent.imports.query.view.JsonArrays.Source;
import com.sdragent.imports.web.ApiError;
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
  private final ReadingTurns turns;
  private final Seats longPolls;

  /** The one that was live when it was last looked. */
  private volatile long generation;

  ImportReads(
      JdbcTemplate jdbc,
      EventLog log,
      ParkedEvents parked,
      ProjectionProgress progress,
      Duration maxWait,
      Duration lookAgain,
      ReadingTurns turns,
      Seats longPolls) {
    this.jdbc = jdbc;
    this.log = log;
    this.parked = parked;
    this.progress = progress;
    this.maxWait = maxWait;
    this.lookAgain = lookAgain;
    this.turns = turns;
    this.longPolls = longPolls;
    lookups = new SharedLookups<>(this::see, LOOKUPS_AT_ONCE);
  }

  /** The organization's import as of now, from its events when the projection is too far behind. */
  Optional<Active> find(Recipient recipient, UUID id) {
    Seen seen = look(id);
    if (!seen.isCurrent()) seen = caughtUp(seen, id);
    if (seen == null) return fromEvents(recipient, id);
    if (seen.blocked().contains(id)) return fromEvents(recipient, id);
    Active row = seen.rows().get(id);
    return row != null && row.orgId().equals(recipient.organization())
        ? Optional.of(row)
        : Optional.empty();
  }

  /**
   * The import once it has come to such a status, or as it is when the time is up or the node
   * stops. Looks again when the projection has moved on, on whatever node, yet not more often than
   * the pause says; a status that it went through between two looks is found in its events.
   *
   * @throws ApiError 503, when as many wait as may; 401, when its credential holds no longer
   */
  Optional<Active> findOnce(
      Predicate<ImportStatus> reached, Duration limit, Recipient recipient, UUID id) {
    long deadline = System.nanoTime() + limit.toNanos();
    long position = progress.position();
    Optional<Active> found = find(recipient, id);
    if (found.isEmpty() || reached.test(found.get().status()) || limit.isZero()) return found;
    try (var _ = longPolls.enter(recipient.organization())) {
      return poll(reached, deadline, recipient, position, found.get());
    }
  }

  /** How many wait for a status. */
  int longPolls() {
    return longPolls.taken();
  }

  private Optional<Active> poll(
      Predicate<ImportStatus> reached,
      long deadline,
      Recipient recipient,
      long firstPosition,
      Active first) {
    long position = firstPosition;
    Active seen = first;
    while (true) {
      awaitChange(position, deadline, recipient);
      if (!pause(deadline)) return Optional.of(seen);
      position = progress.position();
      Optional<Active> found = find(recipient, seen.id());
      Passed passed = found.equals(Optional.of(seen)) ? Passed.NOTHING : since(seen, reached);
      if (passed.at() != null) return Optional.of(passed.at());
      if (passed.more() == null) {
        if (found.isEmpty() || reached.test(found.get().status())) return found;
        if (deadline - System.nanoTime() <= 0 || !progress.isRunning()) return found;
      }
      seen = passed.more() == null ? found.get() : passed.more();
    }
  }

  /**
   * Waits at most until it is time to look without having heard: the projection may have stopped.
   */
  private void awaitChange(long position, long deadline, Recipient recipient) {
    long again = Math.max(POLL_AGAIN.toNanos(), lookAgain.toNanos());
    long end = Math.min(deadline, System.nanoTime() + again);
    while (true) {
      if (!recipient.isThere()) throw ApiError.unauthenticated();
      long left = end - System.nanoTime();
      boolean goesOn = progress.isRunning() && !Thread.currentThread().isInterrupted();
      if (left <= 0 || progress.position() != position || !goesOn) return;
      progress.awaitChange(
          position, Duration.ofNanos(Math.min(left, Recipient.LOOK_AGAIN.toNanos())));
    }
  }

  /** Leaves the others some time, and says whether nobody interrupted that. */
  private static boolean pause(long deadline) {
    long left = (deadline - System.nanoTime()) / 1_000_000;
    try {
      Thread.sleep(Math.clamp(left, 0, POLL_PAUSE_MILLIS));
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /**
   * What an import went through between two looks.
   *
   * @param at the import when it first came to a status that is waited for, or null
   * @param more the import after so many events that others may follow, or null
   */
  private record Passed(@Nullable Active at, @Nullable Active more) {
    static final Passed NOTHING = new Passed(null, null);
  }

  private Passed since(Active seen, Predicate<ImportStatus> reached) {
    Set<Long> discarded = parked.discarded(seen.id());
    List<RecordedEvent> events = log.ofImport(seen.id(), seen.updatedAt(), EVENTS_AT_ONCE);
    ImportState state = seen;
    for (RecordedEvent event : events) {
      if (discarded.contains(event.position())) continue;
      state = Fold.afterIfPossible(state, event);
      if (state instanceof Active active && reached.test(active.status())) {
        return new Passed(active, null);
      }
    }
    return events.size() == EVENTS_AT_ONCE && state instanceof Active active
        ? new Passed(null, active)
        : Passed.NOTHING;
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

  private Optional<Active> fromEvents(Recipient recipient, UUID id) {
    var events = new FromEvents(recipient.organization(), id, parked.discarded(id));
    return turns.gather(1, events, recipient).stream().findFirst();
  }

  /** Leaves out what was discarded, and what cannot be applied, as the projection does. */
  private final class FromEvents implements Source<Active> {
    private final UUID orgId;
    private final UUID id;
    private final Set<Long> discarded;
    private ImportState state = ImportState.absent();
    private long sequence = -1;

    FromEvents(UUID orgId, UUID id, Set<Long> discarded) {
      this.orgId = orgId;
      this.id = id;
      this.discarded = discarded;
    }

    @Override
    public Chunk<Active> next(int wanted) {
      List<RecordedEvent> events = log.ofImport(id, sequence, EVENTS_AT_ONCE);
      for (RecordedEvent event : events) {
        sequence = event.sequence();
        if (discarded.contains(event.position())) continue;
        state = Fold.afterIfPossible(state, event);
      }
      if (events.size() == EVENTS_AT_ONCE) return new Chunk<>(List.of(), false);
      return state instanceof Active active && active.orgId().equals(orgId)
          ? new Chunk<>(List.of(active), true)
          : new Chunk<>(List.of(), true);
    }
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
