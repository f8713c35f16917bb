package com.sdragent.imports.eventstore.append;

import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts the commands that wait for the appender, in total and for each organization. */
final class WaitingCommands {
  private final int most;
  private final int mostOfOne;
  private final AtomicInteger all = new AtomicInteger();
  private final ConcurrentMap<UUID, Integer> byOrganization = new ConcurrentHashMap<>();

  WaitingCommands(int most, int mostOfOne) {
    this.most = most;
    this.mostOfOne = mostOfOne;
  }

  /**
   * Lets one more command in; it must {@link #leave}.
   *
   * @throws EventStoreUnavailableException when there are too many
   */
  void enter(UUID organization) {
    if (all.incrementAndGet() > most) {
      all.decrementAndGet();
      throw new EventStoreUnavailableException("Too many commands wait for the event store");
    }
    if (byOrganization.merge(organization, 1, Integer::sum) > mostOfOne) {
      leave(organization);
      throw new EventStoreUnavailableException(
          "Too many commands of one organization wait for the event store");
    }
  }

  void leave(UUID organization) {
    byOrganization.computeIfPresent(organization, (_, count) -> count == 1 ? null : count - 1);
    all.decrementAndGet();
  }

  int count() {
    return all.get();
  }
}
