package com.sdragent.imports.eventstore.append;

import java.util.List;

/** Is told of the events that this node stores, before their commands are answered. */
@FunctionalInterface
public interface Follower {
  /**
   * These events were committed in the positions right after another, which was the log's last
   * under the append's lock. It must neither block nor fail: commands wait.
   */
  void stored(SeenEvent after, List<EventRow> rows);
}
