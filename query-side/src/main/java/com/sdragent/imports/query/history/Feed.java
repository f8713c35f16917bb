package com.sdragent.imports.query.history;

import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.EventLog.FeedFilter;
import com.sdragent.imports.eventstore.EventLog.ImportOrder;
import com.sdragent.imports.eventstore.RecordedEvent;
import com.sdragent.imports.query.history.FeedTail.Window;
import com.sdragent.imports.query.view.Fold;
import com.sdragent.imports.query.view.JsonArrays.Chunk;
import com.sdragent.imports.query.view.ReadingTurns;
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
  private static final int CHUNK = 1000;

  /** Positions that one look goes through at most: a filter may let few of them pass. */
  private static final int WINDOW = 100_000;

  private static final Instant EVER = Instant.parse("9999-12-31T00:00:00Z");

  private final EventLog log;
  private final FeedFilter filter;
  private long position;
  private final Map<UUID, Known> imports =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<UUID, Known> eldest) {
          return size() > REMEMBERED;
        }
      };

  /**
   * @param after the position that it begins after
   */
  Feed(EventLog log, FeedFilter filter, long after) {
    this.log = log;
    this.filter = filter;
    position = after;
  }

  private record Known(long sequence, ImportState state) {
    static final Known NOTHING = new Known(-1, ImportState.absent());

    Known after(RecordedEvent event) {
      return new Known(event.sequence(), Fold.afterIfPossible(state, event));
    }
  }

  /** Up to here the reader has seen all that there is for it. */
  long position() {
    return position;
  }

  /**
   * The next changes up to a head that was seen before; the last ones when they reach it.
   *
   * <p>What passes the filter up to there is complete and stays so: positions become visible in
   * their order.
   */
  Chunk<Change> next(int limit, long head) {
    long upTo = Math.min(head, position + WINDOW);
    List<RecordedEvent> events = log.feed(filter, position, upTo, limit);
    List<Change> changes = changes(events);
    // Not back, if a client was told of more than the store holds now.
    position = Math.max(position, events.size() == limit ? events.getLast().position() : upTo);
    return new Chunk<>(changes, position >= head);
  }

  /** The next changes, of a window that does not begin after the position. */
  Chunk<Change> next(Window window, ReadingTurns turns) {
    List<RecordedEvent> events = window.after(position).stream().filter(filter::wants).toList();
    // What their imports were before may have to be read.
    List<Change> changes = events.isEmpty() ? List.of() : turns.take(() -> changes(events));
    position = Math.max(position, window.upTo());
    return new Chunk<>(changes, true);
  }

  private List<Change> changes(List<RecordedEvent> events) {
    if (!events.isEmpty()) learn(events);
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
      List<RecordedEvent> earlier = log.ofImports(unknown, place, upTo, EVER, CHUNK);
      for (RecordedEvent event : earlier) {
        imports.put(
            event.importId(), imports.getOrDefault(event.importId(), Known.NOTHING).after(event));
      }
      if (earlier.size() < CHUNK) return;
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
          log.ofImport(event.importId(), known.sequence(), (int) Math.min(CHUNK, missing));
      if (events.isEmpty()) return known;
      for (RecordedEvent earlier : events) known = known.after(earlier);
    }
    return known;
  }
}
