package com.sdragent.imports.query.imports;

import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.RecordedEvent;
import com.sdragent.imports.query.projection.CurrentReads;
import com.sdragent.imports.query.projection.CurrentReads.Positions;
import com.sdragent.imports.query.projection.parked.ParkedEvents;
import com.sdragent.imports.query.web.JsonArrays.Chunk;
import com.sdragent.imports.query.web.JsonArrays.Source;
import com.sdragent.imports.query.web.ReadingTurns;
import com.sdragent.imports.query.web.Recipient;
import java.sql.Array;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Reads single imports as they are now, from their rows or, where those are behind, from their
 * events.
 */
final class ImportReads {
  static final int EVENTS_AT_ONCE = 1000;

  private final CurrentReads<Seen> reads;
  private final EventLog log;
  private final ParkedEvents parked;
  private final ReadingTurns turns;

  ImportReads(CurrentReads<Seen> reads, EventLog log, ParkedEvents parked, ReadingTurns turns) {
    this.reads = reads;
    this.log = log;
    this.parked = parked;
    this.turns = turns;
  }

  /** The result of one look, from one database snapshot. */
  record Seen(Positions positions, Set<UUID> blocked, Map<UUID, Active> rows)
      implements CurrentReads.Seen {}

  /** The organization's import as of now, from its events when the projection is too far behind. */
  Optional<Active> find(Recipient recipient, UUID id) {
    Seen seen = reads.current(id);
    if (seen == null || seen.blocked().contains(id)) return fromEvents(recipient, id);
    Active row = seen.rows().get(id);
    return row != null && row.orgId().equals(recipient.organization())
        ? Optional.of(row)
        : Optional.empty();
  }

  /** Finds rows with the positions of store and projection, in one statement. */
  static CurrentReads.Look<Seen> look(JdbcTemplate jdbc) {
    String name = ImportProjection.NAME;
    String select =
        "select "
            + Positions.columns(name)
            + ", (select array_agg(distinct import_id) from parked_event where projection = '"
            + name
            + "' and discarded_at is null and import_id = any (?)), "
            + ImportRow.columns("v.")
            + " from projection p left join ";
    String where = " v on v.id = any (?) where p.name = '" + name + "'";
    return (generation, ids) ->
        ids.isEmpty()
            ? new Seen(Positions.now(jdbc, name), Set.of(), Map.of())
            : see(jdbc, select + ImportTable.name(generation) + where, ids);
  }

  private static Seen see(JdbcTemplate jdbc, String select, Set<UUID> ids) {
    Seen seen =
        jdbc.query(
            select,
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
                  positions = Positions.of(rows);
                  Array some = rows.getArray(5);
                  if (some != null) blocked = Set.of((UUID[]) some.getArray());
                }
                if (rows.getString(6) == null) continue;
                Active row = ImportRow.read(rows, 6);
                found.put(row.id(), row);
              }
              return new Seen(Objects.requireNonNull(positions), blocked, found);
            });
    return Objects.requireNonNull(seen);
  }

  private Optional<Active> fromEvents(Recipient recipient, UUID id) {
    var events = new FromEvents(recipient.organization(), id, parked.discarded(id));
    return turns.gather(1, Source.direct(events), recipient).stream().findFirst();
  }

  /** Leaves out discarded events, and those that cannot be applied, as the projection does. */
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
        state = FoldedImports.next(state, event);
      }
      if (events.size() == EVENTS_AT_ONCE) return new Chunk<>(List.of(), false);
      return state instanceof Active active && active.orgId().equals(orgId)
          ? new Chunk<>(List.of(active), true)
          : new Chunk<>(List.of(), true);
    }
  }
}
