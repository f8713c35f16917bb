package com.sdragent.imports.eventstore.append;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The commands that wait for the appender, in the order in which they came. Any thread adds to the
 * queue; only the appender's takes from it.
 */
final class AppendQueue {
  private static final long LONGEST_WAIT_MILLIS = 100;

  private final int batchSize;
  private final WaitingCommands waiting;
  private final BlockingQueue<PendingAppend> queue = new LinkedBlockingQueue<>();

  /**
   * Commands that came too early, because another command of their import is in the batch before.
   */
  private final Deque<PendingAppend> heldBack = new ArrayDeque<>();

  AppendQueue(EventStoreProperties properties) {
    batchSize = properties.batchSize();
    waiting =
        new WaitingCommands(properties.queueCapacity(), properties.queueCapacityPerOrganization());
  }

  /**
   * Adds a command and waits for its outcome.
   *
   * @throws EventStoreUnavailableException when too many wait, or as {@link PendingAppend#await}
   */
  void await(PendingAppend pending) {
    UUID organization = pending.organization();
    waiting.enter(organization);
    try {
      queue.add(pending);
      pending.await();
    } finally {
      waiting.leave(organization);
    }
  }

  /** How many commands wait for their outcome. */
  int waiting() {
    return waiting.count();
  }

  /** Whether nothing is left to be taken. */
  boolean isEmpty() {
    return queue.isEmpty() && heldBack.isEmpty();
  }

  /** Commands that gave up leave the queue even while nothing is taken from it. */
  void dropThoseThatGaveUp() {
    queue.removeIf(pending -> !pending.isWaitedFor());
    heldBack.removeIf(pending -> !pending.isWaitedFor());
  }

  /**
   * Takes all waiting commands, up to the batch size, with at most one of each import. It waits a
   * moment for the first.
   *
   * @param batch receives each command as it leaves the queue, so that none is lost whatever goes
   *     wrong
   */
  void takeInto(List<PendingAppend> batch) throws InterruptedException {
    var imports = new HashSet<UUID>();
    for (int held = heldBack.size(); held > 0; held--) {
      boolean _ = take(heldBack.removeFirst(), imports, batch);
    }
    PendingAppend next =
        batch.isEmpty() ? queue.poll(LONGEST_WAIT_MILLIS, TimeUnit.MILLISECONDS) : queue.poll();
    int events = batch.stream().mapToInt(pending -> pending.rows().size()).sum();
    for (; next != null; next = queue.poll()) {
      if (take(next, imports, batch)) events += next.rows().size();
      if (events >= batchSize || heldBack.size() >= batchSize) break;
    }
  }

  private boolean take(PendingAppend pending, Set<UUID> imports, List<PendingAppend> batch) {
    batch.add(pending);
    if (imports.add(pending.aggregateId())) return true;
    batch.removeLast();
    heldBack.addLast(pending);
    return false;
  }
}
