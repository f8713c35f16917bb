package com.sdragent.imports.query.history;

import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.eventstore.EventLog.ImportOrder;
import com.sdragent.imports.eventstore.RecordedEvent;
import com.sdragent.imports.eventstore.VisibleLog;
import com.sdragent.imports.eventstore.VisibleLog.Creation;
import com.sdragent.imports.query.imports.FoldedImports;
import com.sdragent.imports.query.imports.ImportFilter;
import com.sdragent.imports.query.web.Cursor;
import com.sdragent.imports.query.web.JsonArrays.Chunk;
import com.sdragent.imports.query.web.JsonArrays.Source;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The imports that a list would have shown at a time. It walks the organization's creations, newest
 * first, some at a time, and folds those imports: a look reads a bounded number of events, however
 * few imports pass the filter and however many events each has.
 */
final class ListAsOf implements Source<Active> {
  /**
   * The fewest creations of one look: a page that a filter fills slowly must not cost a statement
   * for each import.
   */
  private static final int FEWEST = 200;

  private static final int EVENTS = 1000;

  private final VisibleLog log;
  private final ImportFilter filter;
  private final Instant time;
  private final Instant until;
  private @Nullable Creation last;

  private List<Creation> walked = List.of();
  private final Map<UUID, ImportState> states = new HashMap<>();
  private @Nullable ImportOrder folded;
  private boolean atTheEnd;

  ListAsOf(VisibleLog log, ImportFilter filter, Instant time, @Nullable Cursor after) {
    this.log = log;
    this.filter = filter;
    this.time = time;
    last = after == null ? null : new Creation(after.id(), after.createdAt());
    Instant before = filter.createdBefore();
    until = before != null && before.isBefore(time) ? before : time;
  }

  @Override
  public Chunk<Active> next(int wanted) {
    ImportOrder place = folded == null ? walk(Math.max(wanted, FEWEST)) : folded;
    List<UUID> ids = walked.stream().map(Creation::importId).toList();
    List<RecordedEvent> events =
        ids.isEmpty()
            ? List.of()
            : log.ofImports(filter.orgId(), ids, place, Long.MAX_VALUE, time, EVENTS);
    for (RecordedEvent event : events) {
      ImportState before = states.getOrDefault(event.importId(), ImportState.absent());
      states.put(event.importId(), FoldedImports.next(before, event));
    }
    if (events.size() == EVENTS) {
      folded = ImportOrder.at(events.getLast());
      return new Chunk<>(List.of(), false);
    }
    folded = null;
    return new Chunk<>(shown(), atTheEnd);
  }

  private ImportOrder walk(int limit) {
    walked = log.creations(filter.orgId(), until, last, limit);
    states.clear();
    atTheEnd = walked.size() < limit;
    if (!walked.isEmpty()) last = walked.getLast();
    Instant createdAfter = filter.createdAfter();
    if (last != null && createdAfter != null && !last.createdAt().isAfter(createdAfter)) {
      atTheEnd = true;
    }
    return ImportOrder.START;
  }

  private List<Active> shown() {
    var shown = new ArrayList<Active>();
    for (Creation one : walked) {
      if (states.get(one.importId()) instanceof Active state && filter.shows(state)) {
        shown.add(state);
      }
    }
    return shown;
  }
}
