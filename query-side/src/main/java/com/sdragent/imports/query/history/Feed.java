package com.sdragent.imports.query.history;

import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.eventstore.EventLog.ImportOrder;
import com.sdragent.imports.eventstore.RecordedEvent;
import com.sdragent.imports.eventstore.VisibleLog;
import com.sdragent.imports.eventstore.VisibleLog.FeedFilter;
import com.sdragent.imports.eventstore.VisibleLog.FeedPage;
import com.sdragent.imports.query.history.FeedTail.Window;
import com.sdragent.imports.query.imports.FoldedImports;
import com.sdragent.imports.query.imports.ImportRow;
import com.sdragent.imports.query.web.JsonArrays.Chunk;
import com.sdragent.imports.query.web.ReadingTurns;
import com.sdragent.imports.web.StrictTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * An organization's changes in the order of their positions, as one reader goes through them. The
 * earlier states of the imports are remembered for the last of them, within a bound, and read again
 * for the others, some events at a time: a look is bounded by its work and may find nothing.
 */
final class Feed {
  private static final int REMEMBERED = 250;

  /** How many characters the texts of those may have together. */
  private static final long REMEMBERED_TEXT = 64 * 1024;

  private static final int CHUNK = 1000;

  private static final long UNKNOWN = -1;
  private static final long EVERYTHING = Long.MAX_VALUE;

  private final VisibleLog log;
  private final FeedFilter filter;
  private long position;
  private final LongUnaryOperator beyondTheEnd;
  private long began;
  private long firstHead = UNKNOWN;
  private @Nullable Found found;
  private final LinkedHashMap<UUID, Known> imports = new LinkedHashMap<>(16, 0.75f, true);
  private long text;

  /**
   * @param after the position that the feed begins after
   * @param beyondTheEnd where the feed begins when the log ends before that position
   */
  Feed(VisibleLog log, FeedFilter filter, long after, LongUnaryOperator beyondTheEnd) {
    this.log = log;
    this.filter = filter;
    this.beyondTheEnd = beyondTheEnd;
    position = after;
    began = after;
  }

  private record Known(long sequence, ImportState state) {
    static final Known NOTHING = new Known(-1, ImportState.absent());

    Known next(RecordedEvent event) {
      return new Known(event.sequence(), FoldedImports.next(state, event));
    }

    long text() {
      return state instanceof Active active ? ImportRow.textLength(active) : 0;
    }
  }

  /** The position that the feed began after, which is known after the first look. */
  long began() {
    return began;
  }

  /** The position up to which the reader has seen everything that is for it. */
  long position() {
    return position;
  }

  /**
   * The next changes up to the head that the first look saw; the last ones when they reach it.
   * Later events are for another request: a client that writes as fast as it reads would find no
   * end.
   */
  Chunk<HistoryEntry> next(int limit) {
    return next(limit, firstHead == UNKNOWN ? EVERYTHING : firstHead);
  }

  /**
   * The next changes up to a head that was seen before; the last ones when they reach it.
   *
   * <p>The changes up to there are complete and stay so, because positions become visible in their
   * order.
   */
  Chunk<HistoryEntry> next(int limit, long head) {
    if (found == null) found = find(limit, head);
    return changes(found, head == EVERYTHING ? firstHead : head);
  }

  private Found find(int limit, long head) {
    FeedPage page = log.feed(filter, position, head, limit);
    if (firstHead == UNKNOWN) {
      firstHead = page.head();
      if (position > firstHead) {
        began = beyondTheEnd.applyAsLong(position);
        if (began < position) {
          position = began;
          return find(limit, head);
        }
      }
    }
    List<RecordedEvent> events = page.events();
    if (events.size() == limit) return new Found(events, events.getLast().position());
    return new Found(events, Math.min(page.through(), head == EVERYTHING ? page.head() : head));
  }

  /** The next changes, of a window that does not begin after the position. */
  Chunk<HistoryEntry> next(Window window, ReadingTurns.Seat seat) {
    if (found == null) {
      found =
          new Found(
              window.laterThan(position).stream().filter(filter::wants).toList(), window.upTo());
    }
    Found these = found;
    if (!these.events.isEmpty()) return seat.goOn(() -> changes(these, window.upTo()));
    return changes(these, window.upTo());
  }

  private Chunk<HistoryEntry> changes(Found these, long head) {
    if (!these.learn()) return new Chunk<>(List.of(), false);
    var changes = new ArrayList<HistoryEntry>(these.events.size());
    for (RecordedEvent event : these.events) {
      Known before = before(event);
      Known after = before.next(event);
      changes.add(HistoryEntry.of(event, before.state(), after.state()));
      remember(event.importId(), after);
    }
    while (imports.size() > REMEMBERED || text > REMEMBERED_TEXT) {
      text -= Objects.requireNonNull(imports.pollFirstEntry()).getValue().text();
    }
    // The position does not go back if a client was told of more than the store holds now.
    position = Math.max(position, these.upTo);
    found = null;
    return new Chunk<>(changes, position >= head);
  }

  private void remember(UUID id, Known known) {
    Known before = imports.put(id, known);
    text += known.text() - (before == null ? 0 : before.text());
  }

  /** Events whose changes come next, once it is known what their imports were before. */
  private final class Found {
    private final List<RecordedEvent> events;
    private final long upTo;
    private final Set<UUID> unknown = new HashSet<>();
    private ImportOrder learned = ImportOrder.START;

    Found(List<RecordedEvent> events, long upTo) {
      this.events = events;
      this.upTo = upTo;
      for (RecordedEvent event : events) {
        if (event.sequence() > 0 && !imports.containsKey(event.importId())) {
          unknown.add(event.importId());
        }
      }
    }

    /**
     * Reads some of the states that are not remembered, and returns whether those were the last.
     */
    boolean learn() {
      if (unknown.isEmpty()) return true;
      List<RecordedEvent> earlier =
          log.ofImports(
              filter.orgId(),
              unknown,
              learned,
              events.getFirst().position() - 1,
              StrictTime.LATEST,
              CHUNK);
      for (RecordedEvent event : earlier) {
        remember(
            event.importId(), imports.getOrDefault(event.importId(), Known.NOTHING).next(event));
      }
      if (earlier.size() < CHUNK) return true;
      learned = ImportOrder.at(earlier.getLast());
      return false;
    }
  }

  /** The state of the import before this event: filtered events may lie in between. */
  private Known before(RecordedEvent event) {
    Known known = imports.getOrDefault(event.importId(), Known.NOTHING);
    while (known.sequence() < event.sequence() - 1) {
      long missing = event.sequence() - 1 - known.sequence();
      List<RecordedEvent> events =
          log.ofImport(
              filter.orgId(), event.importId(), known.sequence(), (int) Math.min(CHUNK, missing));
      if (events.isEmpty()) return known;
      for (RecordedEvent earlier : events) known = known.next(earlier);
    }
    return known;
  }
}
