package com.sdragent.imports.query.history;

import com.sdragent.imports.access.ApiError;
import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.Notifications;
import com.sdragent.imports.query.view.JsonArrays.Chunk;
import com.sdragent.imports.query.view.ReadingTurns;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.http.MediaType;
import tools.jackson.databind.json.JsonMapper;

/**
 * Server-sent events (the HTML standard's section 9.2) of a feed. A stream waits on its own virtual
 * thread and holds no connection to the database. It ends after a while, so that credentials are
 * checked again now and then, and when the service stops; a client comes back with {@code
 * Last-Event-ID}, and since positions have no gaps and never change, it misses and repeats nothing.
 */
final class FeedStreams implements SmartLifecycle {
  private static final Logger logger = LoggerFactory.getLogger(FeedStreams.class);
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);
  private static final Duration LOOK_AGAIN_AT_THE_EARLIEST = Duration.ofMillis(20);
  private static final int RECONNECT_MILLIS = 1000;
  private static final int CHUNK = 500;

  private final JsonMapper json;
  private final EventLog log;
  private final ReadingTurns turns;
  private final Duration heartbeat;
  private final Duration lifetime;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition woken = lock.newCondition();
  private final AtomicInteger open = new AtomicInteger();
  private long wakeUps;
  private volatile boolean running;

  /**
   * @param heartbeat the longest silence, which tells both sides that the other is there
   * @param lifetime after how long a stream ends
   */
  FeedStreams(
      JsonMapper json,
      EventLog log,
      ReadingTurns turns,
      Notifications notifications,
      Duration heartbeat,
      Duration lifetime,
      MeterRegistry metrics) {
    this.json = json;
    this.log = log;
    this.turns = turns;
    this.heartbeat = heartbeat;
    this.lifetime = lifetime;
    Gauge.builder("imports.feed.streams", open, AtomicInteger::get)
        .description("Feeds that this node streams")
        .register(metrics);
    notifications.on(Notifications.Channel.DOMAIN_EVENT, _ -> wake());
  }

  /** Writes what the feed brings until the client goes or the stream's time is up. */
  void write(Feed feed, HttpServletResponse response) throws IOException {
    response.setContentType(MediaType.TEXT_EVENT_STREAM_VALUE);
    response.setCharacterEncoding(StandardCharsets.UTF_8.name());
    response.setHeader("Cache-Control", "no-store");
    // Proxies that collect an answer before they pass it on would hold events back.
    response.setHeader("X-Accel-Buffering", "no");
    open.incrementAndGet();
    try {
      write(feed, response.getOutputStream(), response);
    } finally {
      open.decrementAndGet();
    }
  }

  private void write(Feed feed, OutputStream out, HttpServletResponse response) throws IOException {
    long end = System.nanoTime() + lifetime.toNanos();
    long spoken = 0;
    try {
      while (running && System.nanoTime() < end) {
        long seen = wakeUps();
        long looked = System.nanoTime();
        Chunk<Change> found = turns.take(() -> feed.next(CHUNK, log.head()));
        List<Change> changes = found.elements();
        if (spoken == 0) write(out, "retry: " + RECONNECT_MILLIS + "\n\n");
        for (Change change : changes) {
          write(out, "id: " + change.position() + "\ndata: ");
          out.write(json.writeValueAsBytes(change));
          write(out, "\n\n");
        }
        boolean silent = System.nanoTime() - spoken >= heartbeat.toNanos();
        // Without data it is no event, yet who comes back after it need not begin before it.
        if (silent && changes.isEmpty()) {
          write(out, "id: " + feed.position() + "\n: still here\n\n");
        }
        if (silent || !changes.isEmpty()) {
          out.flush();
          spoken = System.nanoTime();
        }
        if (found.isLast()) await(seen, looked);
      }
    } catch (DataAccessException | ApiError e) {
      if (!response.isCommitted()) throw e;
      // The client comes back and goes on from where it was.
      logger.warn(
          "A feed ends early: {}",
          e instanceof ApiError ? e.getMessage() : "the database does not answer");
    }
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
  }

  private long wakeUps() {
    lock.lock();
    try {
      return wakeUps;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for the next wake-up, or a while: a notification may be lost. Not at once, however fast
   * others write: every commit wakes every stream.
   */
  private void await(long seen, long looked) {
    long left = Math.min(LOOK_AGAIN.toNanos(), heartbeat.toNanos());
    LockSupport.parkNanos(LOOK_AGAIN_AT_THE_EARLIEST.toNanos() - (System.nanoTime() - looked));
    lock.lock();
    try {
      while (running && wakeUps == seen && left > 0) left = woken.awaitNanos(left);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  private void wake() {
    lock.lock();
    try {
      wakeUps++;
      woken.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void start() {
    running = true;
  }

  /** Before the web server waits for its requests to end: these would not. */
  @Override
  public void stop() {
    running = false;
    wake();
  }

  @Override
  public boolean isRunning() {
    return running;
  }
}
