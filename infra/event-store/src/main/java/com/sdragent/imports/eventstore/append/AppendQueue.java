package com.sdragent.imports.eventstore.append;

import com.sdragent.imports.loops.Loops;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The commands that wait for the appender, in the order in which they came. Any thread adds to the
 * queue; only the appender's takes from it.
 */
final class AppendQueue {
  private static final long LONGEST_WAIT_MILLIS = 100;

  private final int batchSize;
  private final Duration gatherTime;
  private final Duration longestWait;
  private final WaitingCommands waiting;
  private final BlockingQueue<PendingAppend> queue = new LinkedBlockingQueue<>();

  /** All commands whose threads wait for an outcome, taken from the queue or not. */
  private final Set<PendingAppend> undecided = ConcurrentHashMap.newKeySet();

  /**
   * Commands that came too early: another one of their import, or of their key, is in the batch
   * before.
   */
  private final Deque<PendingAppend> heldBack = new ArrayDeque<>();

  private final ExpectedBatchSize expected = new ExpectedBatchSize();

  /** The appender, while it waits for others to come, and for how many. */
  private volatile @Nullable Thread gatherer;

  private volatile int wanted;

  private volatile boolean closed;

  AppendQueue(EventStoreProperties properties) {
    batchSize = properties.batchSize();
    gatherTime = properties.gatherTime();
    longestWait = properties.appendTimeout();
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
    undecided.add(pending);
    try {
      queue.add(pending);
      Thread thread = gatherer;
      if (thread != null && queue.size() >= wanted) LockSupport.unpark(thread);
      // It is added first and asked second; the one who closes does both the other way round.
      if (closed) pending.giveUp();
      pending.await();
    } finally {
      undecided.remove(pending);
      waiting.leave(organization);
    }
  }

  /** How many commands wait for their outcome. */
  int waiting() {
    return waiting.count();
  }

  /**
   * Ends the waits whose time is up.
   *
   * @return when to look again: none of those that wait, or come meanwhile, is late before
   */
  Duration endLateWaits() {
    Duration next = longestWait;
    for (PendingAppend pending : undecided) {
      Duration left = pending.left();
      if (left.isZero()) pending.giveUp();
      else if (left.compareTo(next) < 0) next = left;
    }
    return next;
  }

  /** Ends all waits, now and later: nobody takes from the queue any more. */
  void close() {
    closed = true;
    undecided.forEach(PendingAppend::giveUp);
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
   * Takes all waiting commands, up to the batch size, with at most one of each key, and of each
   * import one that has events. It waits for the first, and then for a moment until as many have
   * come as lately came together.
   *
   * @param batch receives each command as it leaves the queue, so that none is lost whatever goes
   *     wrong
   * @param lasted how long the batch before took: on a busy machine others have as long to come
   */
  void takeInto(List<PendingAppend> batch, Duration lasted) throws InterruptedException {
    // Ids of imports, and keys of requests.
    var taken = new HashSet<Object>();
    for (int held = heldBack.size(); held > 0; held--) {
      boolean _ = take(heldBack.removeFirst(), taken, batch);
    }
    PendingAppend next =
        batch.isEmpty() ? queue.poll(LONGEST_WAIT_MILLIS, TimeUnit.MILLISECONDS) : queue.poll();
    if (next != null) gather(batch.size() + 1, Loops.rest(lasted, gatherTime));
    int events = batch.stream().mapToInt(AppendQueue::size).sum();
    for (; next != null; next = queue.poll()) {
      if (take(next, taken, batch)) events += size(next);
      if (events >= batchSize || heldBack.size() >= batchSize) break;
    }
    expected.came(batch.size());
  }

  /**
   * Lets others come. A batch has its price, so a few milliseconds make many commands cheaper; a
   * client that is alone never waits, nor do two that take turns.
   *
   * @param have how many commands are at hand, besides the queue
   */
  private void gather(int have, Duration atMost) {
    int others = Math.min(expected.wanted(), batchSize) - have;
    if (others <= queue.size()) return;
    long until = System.nanoTime() + atMost.toNanos();
    wanted = others;
    gatherer = Thread.currentThread();
    try {
      for (long left = atMost.toNanos();
          left > 0 && queue.size() < others && !Thread.currentThread().isInterrupted();
          left = until - System.nanoTime()) {
        LockSupport.parkNanos(this, left);
      }
    } finally {
      gatherer = null;
    }
  }

  /** A command without events takes its place in a batch as well. */
  private static int size(PendingAppend pending) {
    return Math.max(1, pending.rows().size());
  }

  private boolean take(PendingAppend pending, Set<Object> taken, List<PendingAppend> batch) {
    batch.add(pending);
    KeyedAppend keyed = pending.keyed();
    // One without events sees its import as it was before the batch, whatever else is in that.
    if ((pending.rows().isEmpty() || taken.add(pending.aggregateId()))
        && (keyed == null || taken.add(List.of(pending.organization(), keyed.request().key())))) {
      return true;
    }
    batch.removeLast();
    heldBack.addLast(pending);
    return false;
  }
}
