package com.sdragent.imports.query.replay;

import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.EventLog.ImportOrder;
import com.sdragent.imports.eventstore.RecordedEvent;
import com.sdragent.imports.query.view.Fold;
import com.sdragent.imports.query.view.ImportTable;
import com.sdragent.imports.query.view.ParkedEvents;
import com.sdragent.imports.query.view.UnknownEventException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
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
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionTemplate;

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
  private static final List<String> INDEXES =
      List.of("list", "status", "campaign", "source", "updated");
  private static final int EXAMPLES = 10;

  /** Many times what an index of the largest table takes; a dead connection is noticed before. */
  private static final Duration INDEX_WITHIN = Duration.ofHours(2);

  /** Of this database's advisory locks, the one of whoever takes a step. */
  private static final long STEPS = 4919131752989213765L;

  private final JdbcTemplate jdbc;
  private final TransactionTemplate transaction;
  private final EventLog log;
  private final ParkedEvents parked;
  private final ImportTable table;
  private final int batchSize;
  private @Nullable Ahead ahead;

  Rebuild(
      JdbcTemplate jdbc,
      TransactionTemplate transaction,
      EventLog log,
      ParkedEvents parked,
      int batchSize) {
    this.jdbc = jdbc;
    this.transaction = transaction;
    this.log = log;
    this.parked = parked;
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

  /** An event that the live generation took cannot be applied: the code and the log disagree. */
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
      Boolean more = transaction.execute(_ -> stepInTransaction());
      return Boolean.TRUE.equals(more);
    } catch (Ended e) {
      return true;
    } catch (CannotRebuild | DataIntegrityViolationException | BadSqlGrammarException e) {
      table.endRebuild("failed", Fold.reason(e));
      return false;
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

  private boolean stepInTransaction() {
    jdbc.execute(
        "set local synchronous_commit = off; set local idle_in_transaction_session_timeout = '10s';"
            + " set local lock_timeout = '500ms'");
    // Not the row itself: whoever cancels must not wait for an index.
    Boolean mine = jdbc.queryForObject("select pg_try_advisory_xact_lock(?)", Boolean.class, STEPS);
    Place place = Boolean.TRUE.equals(mine) ? place() : null;
    if (place == null) return false;
    switch (place.phase()) {
      case "loading" -> load(place);
      case "indexing" -> index(place);
      case "catching_up" -> catchUp(place);
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

  private void load(Place place) {
    UUID last = place.lastImport();
    if (last == null) {
      jdbc.query("select empty_import_row(?)", row -> {}, (int) (place.generation() % 2));
    }
    var loaded = new Loaded();
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
    var reading = new FutureTask<>(() -> readAndParse(from, place.target()));
    ahead = new Ahead(place.id(), from, reading);
    Thread.ofPlatform().daemon().name("rebuild reading ahead").start(reading);
  }

  private List<RecordedEvent> readAndParse(ImportOrder from, long target) {
    List<RecordedEvent> events = log.inImportOrder(from, target, batchSize);
    for (RecordedEvent event : events) {
      try {
        event.event();
      } catch (RuntimeException e) {
        // Whoever applies it is told again, unless it is left out.
      }
    }
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
    private @Nullable UUID current;
    private ImportState state = ImportState.absent();
    private long pending;

    void take(List<RecordedEvent> events) {
      Map<Long, UUID> leftOut = leftOut(events);
      for (RecordedEvent event : events) {
        if (!event.importId().equals(current)) {
          complete();
          current = event.importId();
        }
        state = after(state, event, leftOut);
        pending++;
      }
    }

    void complete() {
      if (current == null) return;
      states.add(state);
      lastComplete = current;
      done += pending;
      pending = 0;
      current = null;
      state = ImportState.absent();
    }
  }

  /** Discarded ones stay out; parked ones wait for the operator in this generation as well. */
  private Map<Long, UUID> leftOut(List<RecordedEvent> events) {
    if (!parked.any()) return Map.of();
    Set<UUID> ids = new HashSet<>();
    for (RecordedEvent event : events) ids.add(event.importId());
    return parked.leftOut(ids);
  }

  private static ImportState after(
      ImportState state, RecordedEvent event, Map<Long, UUID> leftOut) {
    if (event.importId().equals(leftOut.get(event.position()))) return state;
    try {
      return Fold.after(state, event);
    } catch (UnknownEventException e) {
      throw new CannotRebuild(e.getMessage());
    } catch (IllegalStateException e) {
      throw new CannotRebuild(
          "The event at position " + event.position() + " cannot be applied: " + e.getMessage());
    }
  }

  private void index(Place place) {
    Set<String> there =
        new HashSet<>(
            jdbc.queryForList(
                "select indexname from pg_indexes where schemaname = current_schema()"
                    + " and tablename = ?",
                String.class,
                ImportTable.name(place.generation())));
    for (String filter : INDEXES) {
      if (there.contains(ImportTable.name(place.generation()) + "_" + filter)) continue;
      makeIndex(place, filter);
      return;
    }
    jdbc.query("select analyze_import_row(?)", row -> {}, (int) (place.generation() % 2));
    advance(place, "phase = 'catching_up', loaded_at = clock_timestamp()");
  }

  /** Takes as long as it takes: the pool's time limit is made for requests. */
  private void makeIndex(Place place, String filter) {
    jdbc.execute(
        (ConnectionCallback<@Nullable Void>)
            connection -> {
              // The pool sets its own again when it gets the connection back.
              connection.setNetworkTimeout(Runnable::run, (int) INDEX_WITHIN.toMillis());
              return null;
            });
    jdbc.execute(
        """
        set local statement_timeout = 0;
        -- A node that dies must not leave the work behind it; not every system can tell.
        do $$ begin
          set local client_connection_check_interval = '1s';
        exception when others then null; end $$
        """);
    jdbc.query("select index_import_row(?, ?)", row -> {}, (int) (place.generation() % 2), filter);
    advance(place, "phase = 'indexing'");
  }

  /** The last of it with the projection held, so that both generations are at one position. */
  private void catchUp(Place place) {
    long live = live("");
    if (live - place.position() > batchSize) {
      List<RecordedEvent> next = log.after(place.position(), batchSize);
      if (next.size() == batchSize) {
        apply(place, next, live);
        return;
      }
    }
    live = live(" for update");
    List<RecordedEvent> rest = log.after(place.position(), batchSize);
    long last = apply(place, rest, live);
    // Nothing where the projection is: the store was restored to an earlier point.
    if (last < live && !rest.isEmpty()) return;
    jdbc.update(
        "update projection set shadow_generation = ? where name = 'imports'", place.generation());
    advance(place, "phase = 'comparing'");
  }

  private long live(String lock) {
    Long position =
        jdbc.queryForObject(
            "select position from projection where name = 'imports'" + lock, Long.class);
    return position == null ? 0 : position;
  }

  private long apply(Place place, List<RecordedEvent> following, long upTo) {
    List<RecordedEvent> events =
        following.stream().filter(event -> event.position() <= upTo).toList();
    if (events.isEmpty()) return place.position();
    Map<Long, UUID> leftOut = leftOut(events);
    Set<UUID> ids = new HashSet<>();
    for (RecordedEvent event : events) ids.add(event.importId());
    Map<UUID, ImportState> states = new HashMap<>(table.states(place.generation(), ids));
    for (RecordedEvent event : events) {
      ImportState before = states.getOrDefault(event.importId(), ImportState.absent());
      states.put(event.importId(), after(before, event, leftOut));
    }
    table.write(place.generation(), states.values());
    long last = events.getLast().position();
    advance(place, "position = ?, events_done = events_done + ?", last, events.size());
    return last;
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
    // The lock that comes first wherever both are held: the pointer is about to move.
    if (to == null) live(" for update");
    String range = to == null ? " where id >= ?" : " where id >= ? and id < ?";
    Object[] bounds =
        to == null
            ? new Object[] {from, from, EXAMPLES}
            : new Object[] {from, to, from, to, EXAMPLES};
    String differences =
        "with different as (select coalesce(l.id, r.id) as id, to_json(l) as live, to_json(r) as"
            + " rebuilt from (select * from "
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
    // After a restore to an earlier point the projection goes on from what was loaded.
    jdbc.update(
        """
        update projection p
        set position = r.position,
            event_id = (select event_id from domain_event where position = r.position)
        from projection_rebuild r
        where p.name = 'imports' and r.id = ? and p.event_id is not null
          and not exists (select 1 from domain_event e
                          where e.position = p.position and e.event_id = p.event_id)
        """,
        place.id());
    jdbc.update(
        "update projection set generation = ?, shadow_generation = null where name = 'imports'",
        place.generation());
    advance(place, "phase = 'emptying'");
  }

  /** Nobody reads the old table any more but through the view; for those it waits a little. */
  private void empty(Place place) {
    jdbc.query("select empty_import_row(?)", row -> {}, (int) ((place.generation() - 1) % 2));
    advance(place, "state = 'completed', finished_at = clock_timestamp()");
  }
}
