package com.sdragent.imports.query.history;

import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.EventLog.ImportOrder;
import com.sdragent.imports.eventstore.RecordedEvent;
import com.sdragent.imports.query.view.Fold;
import com.sdragent.imports.query.view.JsonArrays.Chunk;
import com.sdragent.imports.query.view.JsonArrays.Source;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** One import's past, folded from the store's events: current by nature. */
final class ImportHistory {
  private static final int CHUNK = 1000;

  private final EventLog log;

  ImportHistory(EventLog log) {
    this.log = log;
  }

  /** The organization's import after its events up to and including this time. */
  Optional<Active> asOf(UUID orgId, UUID id, Instant time) {
    ImportState state = ImportState.absent();
    ImportOrder place = ImportOrder.START;
    List<RecordedEvent> events;
    do {
      events = log.ofImports(List.of(id), place, Long.MAX_VALUE, time, CHUNK);
      for (RecordedEvent event : events) {
        state = Fold.afterIfPossible(state, event);
        place = ImportOrder.at(event);
      }
    } while (events.size() == CHUNK);
    return state instanceof Active active && active.orgId().equals(orgId)
        ? Optional.of(active)
        : Optional.empty();
  }

  /** Whether the organization ever had this import. */
  boolean knows(UUID orgId, UUID id) {
    List<RecordedEvent> first = log.ofImport(id, -1, 1);
    return !first.isEmpty() && first.getFirst().orgId().equals(orgId);
  }

  /** The changes of an import after this sequence number. */
  Source<Change> changes(UUID id, long after) {
    return new Changes(id, after);
  }

  /** Goes through the events of one import, remembering its state from chunk to chunk. */
  private final class Changes implements Source<Change> {
    private final UUID id;
    private final long after;
    private ImportState state = ImportState.absent();
    private long sequence = -1;

    Changes(UUID id, long after) {
      this.id = id;
      this.after = after;
    }

    @Override
    public Chunk<Change> next(int wanted) {
      // What is before has to be folded and is not shown.
      int limit = sequence < after ? (int) Math.min(CHUNK, after - sequence) : wanted;
      List<RecordedEvent> events = log.ofImport(id, sequence, limit);
      var changes = new ArrayList<Change>(events.size());
      for (RecordedEvent event : events) {
        ImportState next = Fold.afterIfPossible(state, event);
        if (event.sequence() > after) changes.add(Change.of(event, state, next));
        state = next;
        sequence = event.sequence();
      }
      return new Chunk<>(changes, events.size() < limit);
    }
  }
}
