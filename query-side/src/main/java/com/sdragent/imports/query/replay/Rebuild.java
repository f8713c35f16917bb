package com.sdragent.imports.query.replay;

import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.EventLog.ImportOrder;
import com.sdragent.imports.eventstore.RecordedEvent;
import com.sdragent.imports.query.view.Fold;
import com.sdragent.imports.query.view.ImportTable;
import com.sdragent.imports.query.view.ParkedEvents;
import com.sdragent.imports.query.view.UnknownEventException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.BadSqlGrammarException;
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

  private final JdbcTemplate jdbc;
  private final TransactionTemplate transaction;
  private final EventLog log;
  private final ParkedEvents parked;
  private final ImportTable table;
  private final int batchSize;

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

  /**
   * Takes the next step of the running rebuild, unless another node is just doing so.
   *
   * @return whether there may be another
   */
  boolean step() {
    try {
      Boolean more = transaction.execute(_ -> stepInTransaction());
      return Boolean.TRUE.equals(more);
    } catch (CannotRebuild | DataIntegrityViolationException | BadSqlGrammarException e) {
      String error =
          String.valueOf(NestedExceptionUtils.getMostSpecificCause(e).getMessage())
              .lines()
              .findFirst()
              .orElse("");
      jdbc.update(
          """
          with failed as (
            update projection_rebuild
            set state = 'failed', error = ?, finished_at = clock_timestamp()
            where state = 'running' returning id)
          update projection set shadow_generation = null
          where name = 'imports' and exists (select 1 from failed)
          """,
          error);
      return false;
    }
  }

  private boolean stepInTransaction() {
    jdbc.execute(
        "set local synchronous_commit = off; set local idle_in_transaction_session_timeout = '10s';"
            + " set local lock_timeout = '500ms'");
    Place place = place();
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

  private @Nullable Place place() {
    return jdbc
        .query(
            """
            select id, phase, generation, target, last_import, position, compared
            from projection_rebuild where state = 'running' for update skip locked
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
      List<RecordedEvent> events = log.inImportOrder(from, place.target(), batchSize);
      loaded.take(events);
      if (events.size() < batchSize) {
        loaded.complete();
        write(place, loaded, "indexing");
        return;
      }
      if (loaded.lastComplete != null) {
        write(place, loaded, "loading");
        return;
      }
      from = ImportOrder.at(events.getLast());
    }
  }

  private void write(Place place, Loaded loaded, String next) {
    table.write(place.generation(), loaded.states);
    jdbc.update(
        "update projection_rebuild set phase = ?, last_import = coalesce(?, last_import),"
            + " events_done = events_done + ?, position = target where id = ?",
        next,
        loaded.lastComplete,
        loaded.done,
        place.id());
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
      Set<Long> leftOut = leftOut(events);
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
  private Set<Long> leftOut(List<RecordedEvent> events) {
    Boolean any = jdbc.queryForObject("select exists (select 1 from parked_event)", Boolean.class);
    if (!Boolean.TRUE.equals(any)) return Set.of();
    Set<UUID> ids = new HashSet<>();
    for (RecordedEvent event : events) ids.add(event.importId());
    return parked.leftOut(ids);
  }

  private static ImportState after(ImportState state, RecordedEvent event, Set<Long> leftOut) {
    if (leftOut.contains(event.position())) return state;
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
      jdbc.query(
          "select index_import_row(?, ?)", row -> {}, (int) (place.generation() % 2), filter);
      return;
    }
    jdbc.update(
        "update projection_rebuild set phase = 'catching_up', loaded_at = clock_timestamp()"
            + " where id = ?",
        place.id());
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
    jdbc.update("update projection_rebuild set phase = 'comparing' where id = ?", place.id());
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
    Set<Long> leftOut = leftOut(events);
    Set<UUID> ids = new HashSet<>();
    for (RecordedEvent event : events) ids.add(event.importId());
    Map<UUID, ImportState> states = new HashMap<>(table.states(place.generation(), ids));
    for (RecordedEvent event : events) {
      ImportState before = states.getOrDefault(event.importId(), ImportState.absent());
      states.put(event.importId(), after(before, event, leftOut));
    }
    table.write(place.generation(), states.values());
    long last = events.getLast().position();
    jdbc.update(
        "update projection_rebuild set position = ?, events_done = events_done + ? where id = ?",
        last,
        events.size(),
        place.id());
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
          jdbc.update(
              """
              update projection_rebuild
              set differences = differences + ?,
                  examples = (select json_agg(e.value order by e.number)
                              from json_array_elements((examples::jsonb || ?::jsonb)::json)
                                   with ordinality e (value, number)
                              where e.number <= ?)
              where id = ?
              """,
              count,
              row.getString(2),
              EXAMPLES,
              place.id());
        },
        bounds);
    if (to != null) {
      jdbc.update("update projection_rebuild set compared = ? where id = ?", to, place.id());
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
    jdbc.update("update projection_rebuild set phase = 'emptying' where id = ?", place.id());
  }

  /** Nobody reads the old table any more but through the view; for those it waits a little. */
  private void empty(Place place) {
    jdbc.query("select empty_import_row(?)", row -> {}, (int) ((place.generation() - 1) % 2));
    jdbc.update(
        "update projection_rebuild set state = 'completed', finished_at = clock_timestamp()"
            + " where id = ?",
        place.id());
  }
}
