package com.sdragent.imports.query.history;

import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.Notifications;
import com.sdragent.imports.eventstore.RecordedEvent;
import com.sdragent.imports.eventstore.Timelines;
import com.sdragent.imports.eventstore.append.SeenEvent;
import com.sdragent.imports.loops.Loops;
import com.sdragent.imports.loops.SupervisedLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/**
 * The newest events of all organizations, read once for all streams of this node: the database's
 * work for a commit does not grow with the streams that it does not concern. Each of the others
 * reads by itself what the import was before, unless it has met the import lately.
 */
final class FeedTail implements SmartLifecycle {
  private static final int KEPT = 1000;
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

  /** The shortest pause between two looks, however fast others write. */
  private static final Duration LOOK_AGAIN_AT_THE_EARLIEST = Duration.ofMillis(20);

  private static final Duration END_WITHIN = Duration.ofSeconds(1);

  private final EventLog log;
  private final Timelines timelines;
  private final SupervisedLoop loop;
  private final AtomicInteger followers = new AtomicInteger();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition moved = lock.newCondition();
  private volatile Window window = new Window(List.of(), 0, null);

  FeedTail(EventLog log, Timelines timelines, Notifications notifications, Loops loops) {
    this.log = log;
    this.timelines = timelines;
    loop = loops.loop("feed tail", this::round);
    notifications.on(Notifications.Channel.DOMAIN_EVENT, _ -> loop.wake());
  }

  /**
   * Events that follow each other without a gap, and perhaps the reason why later ones are not
   * known.
   */
  static final class Window {
    private final List<RecordedEvent> events;
    private final int timeline;
    private final @Nullable RuntimeException failure;

    private Window(List<RecordedEvent> events, int timeline, @Nullable RuntimeException failure) {
      this.events = events;
      this.timeline = timeline;
      this.failure = failure;
    }

    /** Throws the failure that keeps later events from being read, if there is one. */
    void check() {
      if (failure != null) throw failure;
    }

    /** The number of the timeline that the events are on; 0 before the first look. */
    int timeline() {
      return timeline;
    }

    /** The position that the events come after. */
    long beginsAfter() {
      return events.isEmpty() ? 0 : events.getFirst().position() - 1;
    }

    /** The position of the last event. */
    long upTo() {
      return events.isEmpty() ? 0 : events.getLast().position();
    }

    /** The events after a position that is not before this window. */
    List<RecordedEvent> laterThan(long position) {
      return events.subList((int) (Math.min(position, upTo()) - beginsAfter()), events.size());
    }

    private Window and(List<RecordedEvent> later, int timeline) {
      var all = new ArrayList<RecordedEvent>(events.size() + later.size());
      all.addAll(events);
      all.addAll(later);
      return new Window(
          List.copyOf(all.subList(Math.max(0, all.size() - KEPT), all.size())), timeline, null);
    }
  }

  /** Keeps the tail reading until {@link #leave}. */
  void join() {
    // A failure from when somebody last followed may be over.
    if (followers.getAndIncrement() == 0) move(new Window(window.events, window.timeline, null));
    loop.wake();
  }

  void leave() {
    followers.decrementAndGet();
  }

  int followers() {
    return followers.get();
  }

  Window window() {
    return window;
  }

  /** Waits until the window is another than this, the time is up or the node stops. */
  Window next(Window known, Duration limit) {
    long left = limit.toNanos();
    lock.lock();
    try {
      while (loop.isRunning() && window == known && left > 0) left = moved.awaitNanos(left);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
    return window;
  }

  private void round() throws InterruptedException {
    long looked = System.nanoTime();
    if (followers.get() > 0) look();
    loop.pause(LOOK_AGAIN_AT_THE_EARLIEST.minusNanos(System.nanoTime() - looked));
    loop.rest(LOOK_AGAIN);
  }

  private void look() {
    Window known = window;
    try {
      Window found = following(known);
      if (found != known) move(found);
    } catch (RuntimeException e) {
      move(new Window(known.events, known.timeline, e));
    }
  }

  private Window following(Window known) {
    // This reads the last event again, which is missing when the store has gone back.
    EventLog.Tail tail = log.tail(known.upTo() - 1, KEPT + 1);
    List<RecordedEvent> found = tail.events();
    int seen = known.events.isEmpty() ? 0 : 1;
    boolean goesOn =
        seen == 0
            || (!found.isEmpty()
                && found.getFirst().eventId().equals(known.events.getLast().eventId()));
    if (!goesOn) {
      RecordedEvent lost = known.events.getLast();
      timelines.lost(new SeenEvent(lost.position(), lost.eventId()));
    }
    // Each stream reads by itself what is too much to follow, as after a while without followers.
    if (!goesOn || found.size() > KEPT) {
      EventLog.Tail last = log.tail(log.head() - 1, 1);
      return new Window(last.events(), last.timeline(), null);
    }
    if (found.size() == seen && known.failure == null && known.timeline == tail.timeline()) {
      return known;
    }
    return known.and(found.subList(seen, found.size()), tail.timeline());
  }

  private void move(Window next) {
    lock.lock();
    try {
      window = next;
      moved.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void start() {
    loop.start();
  }

  /** Stops before the web server waits for its requests to end: streams would not end otherwise. */
  @Override
  public void stop() {
    loop.end();
    lock.lock();
    try {
      moved.signalAll();
    } finally {
      lock.unlock();
    }
    loop.stop(END_WITHIN);
  }

  @Override
  public boolean isRunning() {
    return loop.isRunning();
  }
}
