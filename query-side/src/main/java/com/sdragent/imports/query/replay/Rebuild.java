package com.sdragent.imports.query.replay;

import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.EventLog.ImportOrder;
import com.sdragent.imports.eventstore.RecordedEvent;
import com.sdragent.imports.query.view.Fold;
import com.sdragent.imports.query.view.Generation;
import com.sdragent.imports.query.view.ImportTable;
import com.sdragent.imports.query.view.ParkedByRebuild;
import com.sdragent.imports.query.view.ParkedEvents;
import com.sdragent.imports.query.view.ProjectionPosition;
import com.sdragent.imports.query.view.UnknownEventException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.BadSqlGrammarException;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Builds the next generation of the read model, in steps of a second or less. Each is a transaction
 * that also says how far it came, so any node can take the next one, after a crash too:
 *
 * <ol>
 *   <li>loading: events up to a position, import by import, so that each import is written once;
 *   <li>indexing;
 *   <li>catching up with the events since, until every batch is applied to both generations;
 *   <li>comparing both, chunk by chunk, each chunk in one snapshot;
 *   <li>switching the pointer, and emptying the old table.
 * </ol>
 */
final class Rebuild {
  private static final int EXAMPLES = 10;

  /** Of this database's advisory locks, the one of whoever takes a step. */
  static final long STEPS = 4919131752989213765L;

  private final JdbcTemplate jdbc;
  private final LongTransactions transactions;
  private final EventLog log;
  private final ParkedEvents parked;
  private final ParkedByRebuild parkedHere;
  private final ProjectionPosition projected;
  private final ImportTable table;
  private final int batchSize;
  private @Nullable Ahead ahead;

  Rebuild(
      JdbcTemplate jdbc,
      LongTransactions transactions,
      EventLog log,
      ParkedEvents parked,
      int batchSize) {
    this.jdbc = jdbc;
    this.transactions = transactions;
    this.log = log;
    this.parked = parked;
    this.parkedHere = new ParkedByRebuild(jdbc);
    this.projected = new ProjectionPosition(jdbc);
    this.table = new ImportTable(jdbc);
    this.batchSize = batchSize;
  }

  /** Where the running rebuild is. */
  private record Place(
      long id,
      String phase,
      long generation,
      long target,
      @Nullable UUID lastImport,
      long position,
      @Nullable UUID compared) {}

  /** Something that no repetition mends, such as an event that this version does not know. */
  private static final class CannotRebuild extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CannotRebuild(@Nullable String message) {
      super(message);
    }
  }

  /** Events that are being read by another thread. */
  private record Ahead(long rebuild, ImportOrder from, Future<List<RecordedEvent>> events) {}

  /** It was cancelled while a step was under way. */
  private static final class Ended extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /**
   * Takes the next step of the running rebuild, unless another node is just doing so.
   *
   * @return whether there may be another
   */
  boolean step() {
    try {
      return takeStep();
    } catch (Ended e) {
      return true;
    } catch (CannotRebuild | DataIntegrityViolationException | BadSqlGrammarException e) {
      table.endRebuild("failed", Fold.reason(e));
      return false;
    }
  }

  private boolean takeStep() {
    try {
      return transactions.run(() -> stepInTransaction(false));
    } catch (DataAccessException e) {
      if (!ImportTable.refused(e)) throw e;
      // Some row cannot be stored: one by one it will show which.
      return transactions.run(() -> stepInTransaction(true));
    }
  }

  /** Keeps why a step has to be repeated, until one succeeds, and returns it. */
  String noteFailure(RuntimeException e) {
    String reason = Fold.reason(e);
    try {
      jdbc.update("update projection_rebuild set error = ? where state = 'running'", reason);
    } catch (DataAccessException lost) {
      // The database is away: that was the reason.
    }
    return reason;
  }

  private boolean stepInTransaction(boolean oneByOne) {
    // Not the row itself: whoever cancels must not wait for an index.
    Boolean mine = jdbc.queryForObject("select pg_try_advisory_xact_lock(?)", Boolean.class, STEPS);
    Place place = Boolean.TRUE.equals(mine) ? place() : null;
    if (place == null) return false;
    switch (place.phase()) {
      case "loading" -> load(place, oneByOne);
      case "indexing" -> index(place);
      case "catching_up" -> catchUp(place, oneByOne);
      case "comparing" -> compare(place);
      case "emptying" -> empty(place);
      default -> throw new CannotRebuild("The phase " + place.phase() + " is unknown");
    }
    return true;
  }

  /** Says how far the step came; the last thing that it does, as after it others may wait. */
  private void advance(Place place, String changes, @Nullable Object... values) {
    var all = new ArrayList<@Nullable Object>(Arrays.asList(values));
    all.add(place.id());
    int running =
        jdbc.update(
            "update projection_rebuild set error = null, "
                + changes
                + " where id = ? and state = 'running'",
            all.toArray());
    if (running == 0) throw new Ended();
  }

  private @Nullable Place place() {
    return jdbc
        .query(
            """
            select id, phase, generation, target, last_import, position, compared
            from projection_rebuild where state = 'running'
            """,
            (row, _) ->
                new Place(
                    row.getLong(1),
                    row.getString(2),
                    row.getLong(3),
                    row.getLong(4),
                    row.getObject(5, UUID.class),
                    row.getLong(6),
                    row.getObject(7, UUID.class)))
        .stream()
        .findFirst()
        .orElse(null);
  }

  private void load(Place place, boolean oneByOne) {
    UUID last = place.lastImport();
    if (last == null) {
      jdbc.query("select empty_import_row(?)", row -> {}, (int) (place.generation() % 2));
      parkedHere.clear();
    }
    var loaded = new Loaded(Generation.rebuilt(jdbc, place.generation()), oneByOne);
    ImportOrder from = last == null ? ImportOrder.START : new ImportOrder(last, Long.MAX_VALUE);
    while (true) {
      List<RecordedEvent> events = read(place, from);
      loaded.take(events);
      if (events.size() < batchSize) {
        loaded.complete();
        write(place, loaded, "indexing");
        return;
      }
      if (loaded.lastComplete != null) {
        readAhead(place, new ImportOrder(loaded.lastComplete, Long.MAX_VALUE));
        write(place, loaded, "loading");
        return;
      }
      from = ImportOrder.at(events.getLast());
    }
  }

  private List<RecordedEvent> read(Place place, ImportOrder from) {
    Ahead known = ahead;
    ahead = null;
    if (known == null || known.rebuild() != place.id() || !known.from().equals(from)) {
      return readAndParse(from, place.target());
    }
    try {
      return known.events().get();
    } catch (ExecutionException e) {
      // The same again in this transaction, which knows what to do about it.
      return readAndParse(from, place.target());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CannotAcquireLockException("Interrupted while events were read", e);
    }
  }

  /**
   * What the next step will need, while this one writes. The events up to a position stay what they
   * are, whatever becomes of this step.
   */
  private void readAhead(Place place, ImportOrder from) {
    var reading =
        new FutureTask<>(() -> transactions.run(() -> readAndParse(from, place.target())));
    ahead = new Ahead(place.id(), from, reading);
    Thread.ofPlatform().daemon().name("rebuild reading ahead").start(reading);
  }

  private List<RecordedEvent> readAndParse(ImportOrder from, long target) {
    List<RecordedEvent> events = log.inImportOrder(from, target, batchSize);
    // What it is asked first makes it parse; whoever applies it is told again what is wrong.
    events.forEach(Fold::isKnown);
    return events;
  }

  private void write(Place place, Loaded loaded, String next) {
    table.add(place.generation(), loaded.states);
    advance(
        place,
        "phase = ?, last_import = coalesce(?, last_import), events_done = events_done + ?,"
            + " position = target",
        next,
        loaded.lastComplete,
        loaded.done);
  }

  /** Imports whose events are all read. */
  private final class Loaded {
    final List<ImportState> states = new ArrayList<>();
    @Nullable UUID lastComplete;
    long done;
    private final Generation generation;
    private final boolean oneByOne;
    private @Nullable UUID current;
    private ImportState state = ImportState.absent();
    private final List<RecordedEvent> toStore = new ArrayList<>();
    private boolean blocked;
    private long pending;

    /**
     * @param oneByOne whether an import's events are stored each by itself
     */
    Loaded(Generation generation, boolean oneByOne) {
      this.generation = generation;
      this.oneByOne = oneByOne;
    }

    void take(List<RecordedEvent> events) {
      Map<Long, UUID> leftOut = leftOut(events);
      for (RecordedEvent event : events) {
        if (!event.importId().equals(current)) {
          complete();
          current = event.importId();
        }
        pending++;
        if (event.importId().equals(leftOut.get(event.position()))) continue;
        requireKnown(event);
        if (oneByOne) {
          toStore.add(event);
        } else {
          follow(event);
        }
      }
    }

    private void follow(RecordedEvent event) {
      if (blocked) {
        parkedHere.park(event, null);
        return;
      }
      try {
        state = Fold.after(state, event);
      } catch (IllegalStateException e) {
        generation.park(event, e);
        blocked = true;
      }
    }

    void complete() {
      if (current == null) return;
      if (oneByOne) {
        generation.follow(ImportState.absent(), toStore);
      } else {
        states.add(state);
      }
      lastComplete = current;
      done += pending;
      pending = 0;
      current = null;
      state = ImportState.absent();
      toStore.clear();
      blocked = false;
    }
  }

  /** Discarded ones stay out; parked ones wait for the operator in this generation as well. */
  private Map<Long, UUID> leftOut(List<RecordedEvent> events) {
    return parked.any() ? parked.leftOut(imports(events)) : Map.of();
  }

  private static Set<UUID> imports(List<RecordedEvent> events) {
    Set<UUID> ids = new HashSet<>();
    for (RecordedEvent event : events) ids.add(event.importId());
    return ids;
  }

  private static void requireKnown(RecordedEvent event) {
    if (!Fold.isKnown(event)) {
      throw new CannotRebuild(new UnknownEventException(event.position()).getMessage());
    }
  }

  private void index(Place place) {
    Boolean more =
        jdbc.queryForObject(
            "select index_import_row(?)", Boolean.class, (int) (place.generation() % 2));
    if (Boolean.TRUE.equals(more)) {
      advance(place, "phase = 'indexing'");
    } else {
      advance(place, "phase = 'catching_up', loaded_at = clock_timestamp()");
    }
  }

  /** The last of it with the projection held, so that both generations are at one position. */
  private void catchUp(Place place, boolean oneByOne) {
    if (projected.last().position() - place.position() > batchSize) {
      List<RecordedEvent> next = log.after(place.position(), batchSize);
      if (next.size() == batchSize) {
        apply(place, next, oneByOne);
        return;
      }
    }
    holdProjection();
    long live = projected.last().position();
    List<RecordedEvent> rest =
        log.after(place.position(), batchSize).stream()
            .filter(event -> event.position() <= live)
            .toList();
    if (!rest.isEmpty() && apply(place, rest, oneByOne) < live) {
      // Unless there is nothing where the projection is: the store was restored to an earlier
      // point.
      return;
    }
    jdbc.update(
        "update projection set shadow_generation = ? where name = 'imports'", place.generation());
    advance(place, "phase = 'comparing'");
  }

  /** The lock that comes first wherever others are held as well. */
  private void holdProjection() {
    jdbc.query("select 1 from projection where name = 'imports' for update", row -> {});
  }

  /** Applies these events and returns the position of the last. */
  private long apply(Place place, List<RecordedEvent> events, boolean oneByOne) {
    Map<Long, UUID> leftOut = leftOut(events);
    List<RecordedEvent> wanted =
        events.stream()
            .filter(event -> !event.importId().equals(leftOut.get(event.position())))
            .toList();
    wanted.forEach(Rebuild::requireKnown);
    Generation.rebuilt(jdbc, place.generation())
        .apply(wanted, parkedHere.blocked(imports(wanted)), oneByOne);
    long last = events.getLast().position();
    advance(place, "position = ?, events_done = events_done + ?", last, events.size());
    return last;
  }

  /** A row as the API tells it: PostgreSQL's own JSON has times in the session's zone. */
  private static String json(String row) {
    return """
    case when %1$s.id is not null then json_build_object(
      'id', %1$s.id, 'org_id', %1$s.org_id, 'campaign_id', %1$s.campaign_id, 'source', %1$s.source,
      'file_name', %1$s.file_name, 'status', %1$s.status, 'total_rows', %1$s.total_rows,
      'created_at', to_char(%1$s.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
      'updated_at', to_char(%1$s.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
    end\
    """
        .formatted(row);
  }

  private void compare(Place place) {
    String rebuilt = ImportTable.name(place.generation());
    String live = ImportTable.name(place.generation() - 1);
    UUID from = place.compared() == null ? new UUID(0, 0) : place.compared();
    UUID to =
        jdbc
            .queryForList(
                "select id from " + rebuilt + " where id >= ? order by id offset ? limit 1",
                UUID.class,
                from,
                batchSize)
            .stream()
            .findFirst()
            .orElse(null);
    // The pointer is about to move.
    if (to == null) holdProjection();
    String range = to == null ? " where id >= ?" : " where id >= ? and id < ?";
    Object[] bounds =
        to == null
            ? new Object[] {from, from, EXAMPLES}
            : new Object[] {from, to, from, to, EXAMPLES};
    String differences =
        "with different as (select coalesce(l.id, r.id) as id, "
            + json("l")
            + " as live, "
            + json("r")
            + " as rebuilt from (select * from "
            + live
            + range
            + ") l full join (select * from "
            + rebuilt
            + range
            + ") r on r.id = l.id where l is distinct from r) select count(*), coalesce((select"
            + " json_agg(d) from (select * from different order by id limit ?) d), '[]')::text from"
            + " different";
    jdbc.query(
        differences,
        row -> {
          long count = row.getLong(1);
          if (count == 0) return;
          advance(
              place,
              """
              differences = differences + ?,
              examples = (select json_agg(e.value order by e.number)
                          from json_array_elements((examples::jsonb || ?::jsonb)::json)
                               with ordinality e (value, number)
                          where e.number <= ?)
              """,
              count,
              row.getString(2),
              EXAMPLES);
        },
        bounds);
    if (to != null) {
      advance(place, "compared = ?", to);
      return;
    }
    goOnFromWhatWasLoaded(place);
    parkedHere.goLive();
    jdbc.update(
        "update projection set generation = ?, shadow_generation = null where name = 'imports'",
        place.generation());
    advance(place, "phase = 'emptying'");
  }

  /** After a restore to an earlier point the projection is where the store is not. */
  private void goOnFromWhatWasLoaded(Place place) {
    ProjectionPosition.Last live = projected.last();
    if (live.isIn(log)) return;
    List<RecordedEvent> loaded = log.after(place.position() - 1, 1);
    projected.move(live, place.position(), loaded.isEmpty() ? null : loaded.getFirst().eventId());
  }

  /** Nobody reads the old table any more but through the view; for those it waits a little. */
  private void empty(Place place) {
    jdbc.query("select empty_import_row(?)", row -> {}, (int) ((place.generation() - 1) % 2));
    advance(place, "state = 'completed', finished_at = clock_timestamp()");
  }
}
