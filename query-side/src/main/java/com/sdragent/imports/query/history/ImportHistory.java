package com.sdragent.imports.query.history;

import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.EventLog.Creation;
import com.sdragent.imports.eventstore.EventLog.ImportOrder;
import com.sdragent.imports.eventstore.RecordedEvent;
import com.sdragent.imports.query.view.Cursor;
import com.sdragent.imports.query.view.ImportFilter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The past, folded from the store's events: current by nature. Everything is read chunk by chunk.
 */
final class ImportHistory {
  static final int CHUNK = 1000;
  private static final int SMALLEST_CHUNK = 200;

  private final EventLog log;

  ImportHistory(EventLog log) {
    this.log = log;
  }

  /** The organization's import after its events up to and including this time. */
  Optional<Active> asOf(UUID orgId, UUID id, Instant time) {
    return states(List.of(id), time).get(id) instanceof Active state && state.orgId().equals(orgId)
        ? Optional.of(state)
        : Optional.empty();
  }

  /** The imports that a list would have shown at this time, after the cursor or from the newest. */
  List<Active> asOf(ImportFilter filter, Instant time, @Nullable Cursor after, int limit) {
    var shown = new ArrayList<Active>();
    int chunk = Math.max(limit, SMALLEST_CHUNK);
    Creation last = after == null ? null : new Creation(after.id(), after.createdAt());
    Instant until =
        filter.createdBefore() != null && filter.createdBefore().isBefore(time)
            ? filter.createdBefore()
            : time;
    while (true) {
      List<Creation> created = log.creations(filter.orgId(), until, last, chunk);
      Map<UUID, ImportState> states =
          states(created.stream().map(Creation::importId).toList(), time);
      for (Creation one : created) {
        if (states.get(one.importId()) instanceof Active state && filter.shows(state)) {
          shown.add(state);
          if (shown.size() == limit) return shown;
        }
      }
      if (created.size() < chunk) return shown;
      last = created.getLast();
      if (filter.createdAfter() != null && !last.createdAt().isAfter(filter.createdAfter())) {
        return shown;
      }
    }
  }

  private Map<UUID, ImportState> states(Collection<UUID> ids, Instant until) {
    var states = new HashMap<UUID, ImportState>();
    if (ids.isEmpty()) return states;
    ImportOrder place = ImportOrder.START;
    while (true) {
      List<RecordedEvent> events = log.ofImports(ids, place, Long.MAX_VALUE, until, CHUNK);
      for (RecordedEvent event : events) {
        states.put(
            event.importId(),
            Fold.after(states.getOrDefault(event.importId(), ImportState.absent()), event));
      }
      if (events.size() < CHUNK) return states;
      place = ImportOrder.at(events.getLast());
    }
  }

  /** Whether the organization ever had this import. */
  boolean knows(UUID orgId, UUID id) {
    List<RecordedEvent> first = log.ofImport(id, -1, 1);
    return !first.isEmpty() && first.getFirst().orgId().equals(orgId);
  }

  /** Goes through the events of one import, remembering its state from chunk to chunk. */
  static final class OfOneImport {
    private final EventLog log;
    private final UUID id;
    private ImportState state = ImportState.absent();
    private long sequence = -1;

    OfOneImport(EventLog log, UUID id) {
      this.log = log;
      this.id = id;
    }

    /** The changes after this sequence number. */
    List<Change> after(long last, int limit) {
      while (sequence < last) {
        int missing = (int) Math.min(CHUNK, last - sequence);
        if (take(missing).isEmpty()) return List.of();
      }
      return take(limit);
    }

    private List<Change> take(int limit) {
      var changes = new ArrayList<Change>();
      for (RecordedEvent event : log.ofImport(id, sequence, limit)) {
        ImportState after = Fold.after(state, event);
        changes.add(Change.of(event, state, after));
        state = after;
        sequence = event.sequence();
      }
      return changes;
    }
  }
}
