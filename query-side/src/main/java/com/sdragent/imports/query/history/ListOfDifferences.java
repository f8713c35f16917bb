package com.sdragent.imports.query.history;

import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.eventstore.EventLog.ImportOrder;
import com.sdragent.imports.eventstore.RecordedEvent;
import com.sdragent.imports.eventstore.VisibleLog;
import com.sdragent.imports.eventstore.VisibleLog.Creation;
import com.sdragent.imports.query.imports.FoldedImports;
import com.sdragent.imports.query.web.Cursor;
import com.sdragent.imports.query.web.JsonArrays.Chunk;
import com.sdragent.imports.query.web.JsonArrays.Source;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What differs between an organization's imports at two moments: exactly what differs between the
 * two lists as of them. It walks the creations, newest first, some at a time, and folds only those
 * imports that have an event after the earlier moment.
 */
final class ListOfDifferences implements Source<ImportDifference> {
  /** The fewest creations of one look: most imports have not changed and cost one look each. */
  private static final int FEWEST = 500;

  private static final int EVENTS = 1000;

  private final VisibleLog log;
  private final UUID orgId;
  private final Moment from;
  private final Moment to;
  private @Nullable Creation last;

  private List<Creation> walked = List.of();
  private Set<UUID> touched = Set.of();
  private final Map<UUID, ImportState> before = new HashMap<>();
  private final Map<UUID, ImportState> after = new HashMap<>();
  private @Nullable ImportOrder folded;
  private boolean atTheEnd;

  ListOfDifferences(VisibleLog log, UUID orgId, Moment from, Moment to, @Nullable Cursor cursor) {
    this.log = log;
    this.orgId = orgId;
    this.from = from;
    this.to = to;
    last = cursor == null ? null : new Creation(cursor.id(), cursor.createdAt());
  }

  @Override
  public Chunk<ImportDifference> next(int wanted) {
    ImportOrder place = folded == null ? walk(Math.max(wanted, FEWEST)) : folded;
    List<RecordedEvent> events =
        touched.isEmpty()
            ? List.of()
            : log.ofImports(orgId, touched, place, to.position(), to.time(), EVENTS);
    for (RecordedEvent event : events) {
      ImportState next =
          FoldedImports.next(after.getOrDefault(event.importId(), ImportState.absent()), event);
      after.put(event.importId(), next);
      if (from.has(event)) before.put(event.importId(), next);
    }
    if (events.size() == EVENTS) {
      folded = ImportOrder.at(events.getLast());
      return new Chunk<>(List.of(), false);
    }
    folded = null;
    return new Chunk<>(differences(), atTheEnd);
  }

  private ImportOrder walk(int limit) {
    walked = log.creations(orgId, to.time(), last, limit);
    before.clear();
    after.clear();
    atTheEnd = walked.size() < limit;
    touched = Set.of();
    if (!walked.isEmpty()) {
      last = walked.getLast();
      touched =
          new HashSet<>(
              log.touchedAfter(
                  orgId,
                  walked.stream().map(Creation::importId).toList(),
                  from.position(),
                  from.time()));
    }
    return ImportOrder.START;
  }

  private List<ImportDifference> differences() {
    var differences = new ArrayList<ImportDifference>();
    for (Creation one : walked) {
      UUID id = one.importId();
      Optional<ImportDifference> difference =
          ImportDifference.of(
              before.getOrDefault(id, ImportState.absent()),
              after.getOrDefault(id, ImportState.absent()));
      if (difference.isPresent() && difference.get().last().orgId().equals(orgId)) {
        differences.add(difference.get());
      }
    }
    return differences;
  }
}
