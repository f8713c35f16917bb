package com.sdragent.imports.query.history;

import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.EventLog.FeedFilter;
import com.sdragent.imports.eventstore.EventLog.ImportOrder;
import com.sdragent.imports.eventstore.RecordedEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * An organization's changes in the order of their positions, as one reader goes through them. What
 * the imports were before is remembered for the last of them, within a bound, and read anew for the
 * others.
 */
final class Feed {
  private static final int REMEMBERED = 1000;
  private static final Instant EVER = Instant.parse("9999-12-31T00:00:00Z");

  private final EventLog log;
  private final FeedFilter filter;
  private final Map<UUID, Known> imports =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<UUID, Known> eldest) {
          return size() > REMEMBERED;
        }
      };

  Feed(EventLog log, FeedFilter filter) {
    this.log = log;
    this.filter = filter;
  }

  private record Known(long sequence, ImportState state) {
    static final Known NOTHING = new Known(-1, ImportState.absent());

    Known after(RecordedEvent event) {
      return new Known(event.sequence(), Fold.after(state, event));
    }
  }

  /** The changes after this position. */
  List<Change> after(long position, int limit) {
    List<RecordedEvent> events = log.feed(filter, position, limit);
    if (events.isEmpty()) return List.of();
    learn(events);
    var changes = new ArrayList<Change>(events.size());
    for (RecordedEvent event : events) {
      Known before = before(event);
      Known after = before.after(event);
      changes.add(Change.of(event, before.state(), after.state()));
      imports.put(event.importId(), after);
    }
    return changes;
  }

  /** Reads together what is not remembered of these events' imports. */
  private void learn(List<RecordedEvent> events) {
    var unknown = new HashSet<UUID>();
    for (RecordedEvent event : events) {
      if (event.sequence() > 0 && !imports.containsKey(event.importId())) {
        unknown.add(event.importId());
      }
    }
    if (unknown.isEmpty()) return;
    long upTo = events.getFirst().position() - 1;
    ImportOrder place = ImportOrder.START;
    while (true) {
      List<RecordedEvent> earlier = log.ofImports(unknown, place, upTo, EVER, ImportHistory.CHUNK);
      for (RecordedEvent event : earlier) {
        imports.put(
            event.importId(), imports.getOrDefault(event.importId(), Known.NOTHING).after(event));
      }
      if (earlier.size() < ImportHistory.CHUNK) return;
      place = ImportOrder.at(earlier.getLast());
    }
  }

  /**
   * What its import was before this event: there may be others in between that are filtered out.
   */
  private Known before(RecordedEvent event) {
    Known known = imports.getOrDefault(event.importId(), Known.NOTHING);
    while (known.sequence() < event.sequence() - 1) {
      long missing = event.sequence() - 1 - known.sequence();
      List<RecordedEvent> events =
          log.ofImport(
              event.importId(), known.sequence(), (int) Math.min(ImportHistory.CHUNK, missing));
      if (events.isEmpty()) return known;
      for (RecordedEvent earlier : events) known = known.after(earlier);
    }
    return known;
  }
}
