package com.sdragent.imports.eventstore.append;

import java.util.List;

/** Is told of the events that this node stores, after their commands were answered. */
@FunctionalInterface
public interface Follower {
  /**
   * These events were committed in the positions right after another, which was the log's last
   * under the append's lock. It must not block or fail.
   */
  void stored(SeenEvent after, List<EventRow> rows);
}
