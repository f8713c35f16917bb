package com.sdragent.imports.query.history;

import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.eventstore.EventLog.ImportOrder;
import com.sdragent.imports.eventstore.EventPart;
import com.sdragent.imports.eventstore.RecordedEvent;
import com.sdragent.imports.eventstore.VisibleLog;
import com.sdragent.imports.query.imports.FoldedImports;
import com.sdragent.imports.query.web.JsonArrays.Chunk;
import com.sdragent.imports.query.web.JsonArrays.Source;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** One import's past, folded from the store's events and therefore always current. */
final class ImportHistory {
  private static final int CHUNK = 1000;

  private final VisibleLog log;

  ImportHistory(VisibleLog log) {
    this.log = log;
  }

  /** The organization's import after its events up to and including this time, or nothing. */
  Source<Active> asOf(UUID orgId, UUID id, Instant time) {
    return Source.direct(new AsOf(orgId, id, time));
  }

  /** Whether the organization ever had this import. */
  boolean knows(UUID orgId, UUID id) {
    List<RecordedEvent> first = log.ofImport(orgId, id, -1, 1);
    return !first.isEmpty() && first.getFirst().orgId().equals(orgId);
  }

  /** The changes of the organization's import after this sequence number. */
  Source<HistoryEntry> changes(UUID orgId, UUID id, long after) {
    return Source.direct(new Changes(orgId, id, after));
  }

  /** Folds the events of one import, some in a look. */
  private final class AsOf implements Source<Active> {
    private final UUID orgId;
    private final UUID id;
    private final Instant time;
    private ImportState state = ImportState.absent();
    private ImportOrder place = ImportOrder.START;

    AsOf(UUID orgId, UUID id, Instant time) {
      this.orgId = orgId;
      this.id = id;
      this.time = time;
    }

    @Override
    public Chunk<Active> next(int wanted) {
      List<RecordedEvent> events =
          log.ofImports(orgId, List.of(id), place, Long.MAX_VALUE, time, CHUNK);
      // An import of another organization is treated as if it did not exist, and not read further.
      if (!events.isEmpty() && !events.getFirst().orgId().equals(orgId)) {
        return new Chunk<>(List.of(), true);
      }
      for (RecordedEvent event : events) state = FoldedImports.next(state, event);
      if (events.size() == CHUNK) {
        place = ImportOrder.at(events.getLast());
        return new Chunk<>(List.of(), false);
      }
      return state instanceof Active active && active.orgId().equals(orgId)
          ? new Chunk<>(List.of(active), true)
          : new Chunk<>(List.of(), true);
    }
  }

  /** Goes through the events of one import, remembering its state from chunk to chunk. */
  private final class Changes implements Source<HistoryEntry> {
    private final UUID orgId;
    private final UUID id;
    private final long after;
    private ImportState state = ImportState.absent();
    private long sequence = -1;

    Changes(UUID orgId, UUID id, long after) {
      this.orgId = orgId;
      this.id = id;
      this.after = after;
    }

    @Override
    public Chunk<HistoryEntry> next(int wanted) {
      // The events before have to be folded and are not shown.
      int limit = sequence < after ? (int) Math.min(CHUNK, after - sequence) : wanted;
      EventPart part = log.partOfImport(orgId, id, sequence, limit);
      var changes = new ArrayList<HistoryEntry>(part.events().size());
      for (RecordedEvent event : part.events()) {
        ImportState next = FoldedImports.next(state, event);
        if (event.sequence() > after) changes.add(HistoryEntry.of(event, state, next));
        state = next;
        sequence = event.sequence();
      }
      return new Chunk<>(changes, part.isLast());
    }
  }
}
