package com.sdragent.imports.query.history;

import com.sdragent.imports.eventstore.Timelines.Timeline;
import java.util.List;

/**
 * The ids of server-sent events. Once the store has gone back, a position alone may be another
 * event's. So an id is the position and, in its upper digits, the timeline on which the event was
 * stored. On the first timeline, the id is the position itself.
 *
 * @param timelines all timelines that there have been, in their order
 */
record EventIds(List<Timeline> timelines) {
  private static final long TIMELINE = 1_000_000_000_000_000L;

  /** The number of the current timeline. */
  int timeline() {
    return timelines.getLast().number();
  }

  /** The id of the event at this position, as the log is now. */
  long id(long position) {
    for (int i = timelines.size() - 1; i > 0; i--) {
      Timeline one = timelines.get(i);
      if (one.beginsAfter() < position) return (one.number() - 1) * TIMELINE + position;
    }
    return position;
  }

  /** The position in an id. */
  static long position(long id) {
    return id % TIMELINE;
  }

  /** Whether the id says more than a position. */
  static boolean namesTimeline(long id) {
    return id >= TIMELINE;
  }

  /** The last position up to which the log is still what the reader of this id has seen of it. */
  long shared(long id) {
    long shared = position(id);
    long number = id / TIMELINE + 1;
    for (Timeline later : timelines) {
      if (later.number() > number) shared = Math.min(shared, later.beginsAfter());
    }
    return shared;
  }
}
