package com.sdragent.imports.query.imports;

import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.eventstore.RecordedEvent;
import com.sdragent.imports.eventstore.VisibleLog;
import com.sdragent.imports.eventstore.sessions.VisibleRows;
import com.sdragent.imports.query.projection.CurrentReads;
import com.sdragent.imports.query.projection.CurrentReads.Asked;
import com.sdragent.imports.query.projection.CurrentReads.Projected;
import com.sdragent.imports.query.projection.ProjectionRow;
import com.sdragent.imports.query.projection.parked.ParkedEvents;
import com.sdragent.imports.query.web.JsonArrays.Chunk;
import com.sdragent.imports.query.web.JsonArrays.Source;
import com.sdragent.imports.query.web.ReadingTurns;
import com.sdragent.imports.query.web.Recipient;
import java.sql.Array;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Reads single imports as they are now, from their rows or, where those are behind, from their
 * events.
 */
final class ImportReads {
  static final int EVENTS_AT_ONCE = 1000;

  private final CurrentReads<Seen> reads;
  private final VisibleLog log;
  private final ParkedEvents parked;
  private final VisibleRows visible;
  private final ReadingTurns turns;

  ImportReads(
      CurrentReads<Seen> reads,
      VisibleLog log,
      ParkedEvents parked,
      VisibleRows visible,
      ReadingTurns turns) {
    this.reads = reads;
    this.log = log;
    this.parked = parked;
    this.visible = visible;
    this.turns = turns;
  }

  /**
   * The result of one look, from one database snapshot.
   *
   * @param late the imports with events that the rows do not show, and the position of the last
   * @param blocked the imports with a parked event
   */
  record Seen(
      Projected projected,
      Map<Asked, Long> late,
      Set<UUID> blocked,
      Map<UUID, VersionedImport> rows)
      implements CurrentReads.Seen {

    @Override
    public long target(Asked asked) {
      return late.getOrDefault(asked, 0L);
    }

    private Seen of(long generation) {
      return new Seen(
          new Projected(projected.position(), projected.isHeld(), generation), late, blocked, rows);
    }
  }

  /** The organization's import as of now, from its events when the projection is too far behind. */
  Optional<VersionedImport> find(Recipient recipient, UUID id) {
    Seen seen = reads.current(new Asked(recipient.organization(), id));
    if (seen == null || seen.blocked().contains(id)) return fromEvents(recipient, id);
    VersionedImport row = seen.rows().get(id);
    return row != null && row.state().orgId().equals(recipient.organization())
        ? Optional.of(row)
        : Optional.empty();
  }

  /** Finds rows, what they lack, and how far the projection is, in one statement. */
  static CurrentReads.Look<Seen> look(VisibleRows visible) {
    return (generation, asked) -> {
      Seen seen = see(visible, "select * from look_at_imports_" + generation % 2 + "(?)", asked);
      // The function takes its snapshot before it locks the table, and an emptied table has no rows
      // for any snapshot. Where there are none, only the generation afterwards tells.
      return seen.rows().isEmpty()
          ? seen.of(ProjectionRow.live(visible, ImportProjection.NAME))
          : seen;
    };
  }

  private static Seen see(VisibleRows visible, String select, Set<Asked> asked) {
    return visible.query(
        Asked.organizations(asked),
        select,
        rows -> {
          rows.next();
          Projected projected = Projected.of(rows);
          Map<Asked, Long> late = late(rows.getArray(4), rows.getArray(5), rows.getArray(6));
          Array blocked = rows.getArray(7);
          var found = new HashMap<UUID, VersionedImport>();
          do {
            if (rows.getString(8) == null) continue;
            VersionedImport row = ImportRow.readVersioned(rows, 8);
            found.put(row.state().id(), row);
          } while (rows.next());
          return new Seen(
              projected,
              late,
              blocked == null ? Set.of() : Set.of((UUID[]) blocked.getArray()),
              found);
        },
        (Object) Asked.ids(asked));
  }

  private static Map<Asked, Long> late(
      @Nullable Array imports, @Nullable Array organizations, @Nullable Array positions)
      throws SQLException {
    if (imports == null || organizations == null || positions == null) return Map.of();
    var late = new HashMap<Asked, Long>();
    UUID[] ids = (UUID[]) imports.getArray();
    UUID[] of = (UUID[]) organizations.getArray();
    Long[] last = (Long[]) positions.getArray();
    for (int i = 0; i < ids.length; i++) late.put(new Asked(of[i], ids[i]), last[i]);
    return late;
  }

  private Optional<VersionedImport> fromEvents(Recipient recipient, UUID id) {
    UUID orgId = recipient.organization();
    var events = new FromEvents(orgId, id, parked.discarded(visible, orgId, id));
    return turns.gather(1, Source.direct(events), recipient).stream().findFirst();
  }

  /** Leaves out discarded events, and those that cannot be applied, as the projection does. */
  private final class FromEvents implements Source<VersionedImport> {
    private final UUID orgId;
    private final UUID id;
    private final Set<Long> discarded;
    private ImportState state = ImportState.absent();
    private long sequence = -1;
    private long applied = -1;

    FromEvents(UUID orgId, UUID id, Set<Long> discarded) {
      this.orgId = orgId;
      this.id = id;
      this.discarded = discarded;
    }

    @Override
    public Chunk<VersionedImport> next(int wanted) {
      List<RecordedEvent> events = log.ofImport(orgId, id, sequence, EVENTS_AT_ONCE);
      for (RecordedEvent event : events) {
        sequence = event.sequence();
        if (discarded.contains(event.position())) continue;
        ImportState next = FoldedImports.next(state, event);
        // One that cannot be applied leaves the state, and any other changes its time.
        if (!next.equals(state)) applied = event.sequence();
        state = next;
      }
      if (events.size() == EVENTS_AT_ONCE) return new Chunk<>(List.of(), false);
      return state instanceof Active active && active.orgId().equals(orgId)
          ? new Chunk<>(List.of(new VersionedImport(active, applied)), true)
          : new Chunk<>(List.of(), true);
    }
  }
}
