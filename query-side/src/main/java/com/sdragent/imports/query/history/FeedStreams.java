package com.sdragent.imports.query.history;

import com.sdragent.imports.access.ApiError;
import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.query.history.FeedTail.Window;
import com.sdragent.imports.query.view.JsonArrays.Chunk;
import com.sdragent.imports.query.view.ReadingTurns;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.http.MediaType;
import tools.jackson.databind.json.JsonMapper;

/**
 * Server-sent events (the HTML standard's section 9.2) of a feed. A stream waits on its own virtual
 * thread and holds no connection to the database. It ends after a while, so that credentials are
 * checked again now and then, and when the service stops; a client comes back with {@code
 * Last-Event-ID}, and since positions have no gaps and never change, it misses and repeats nothing.
 */
final class FeedStreams {
  private static final Logger logger = LoggerFactory.getLogger(FeedStreams.class);
  private static final int RECONNECT_MILLIS = 1000;
  private static final int CHUNK = 500;

  private final JsonMapper json;
  private final EventLog log;
  private final FeedTail tail;
  private final ReadingTurns turns;
  private final Duration heartbeat;
  private final Duration lifetime;

  /**
   * @param heartbeat the longest silence, which tells both sides that the other is there
   * @param lifetime after how long a stream ends
   */
  FeedStreams(
      JsonMapper json,
      EventLog log,
      FeedTail tail,
      ReadingTurns turns,
      Duration heartbeat,
      Duration lifetime) {
    this.json = json;
    this.log = log;
    this.tail = tail;
    this.turns = turns;
    this.heartbeat = heartbeat;
    this.lifetime = lifetime;
  }

  /** Writes what the feed brings until the client goes or the stream's time is up. */
  void write(Feed feed, HttpServletResponse response) throws IOException {
    response.setContentType(MediaType.TEXT_EVENT_STREAM_VALUE);
    response.setCharacterEncoding(StandardCharsets.UTF_8.name());
    response.setHeader("Cache-Control", "no-store");
    // Proxies that collect an answer before they pass it on would hold events back.
    response.setHeader("X-Accel-Buffering", "no");
    ReadingTurns.Seat seat = turns.enter();
    tail.join();
    try {
      write(feed, response.getOutputStream());
    } catch (DataAccessException | ApiError e) {
      if (!response.isCommitted()) throw e;
      // The client comes back and goes on from where it was.
      logger.warn(
          "A feed ends early: {}",
          e instanceof ApiError ? e.getMessage() : "the database does not answer");
    } finally {
      tail.leave();
      seat.close();
    }
  }

  private void write(Feed feed, OutputStream out) throws IOException {
    long end = System.nanoTime() + lifetime.toNanos();
    Window window = tail.window();
    // The first look is its own, so that who cannot be served is told so.
    Chunk<Change> found = turns.take(() -> feed.next(CHUNK, log.head()));
    write(out, "retry: " + RECONNECT_MILLIS + "\n\n");
    long spoken = System.nanoTime() - heartbeat.toNanos();
    while (true) {
      List<Change> changes = found.elements();
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
      long left = Math.min(spoken + heartbeat.toNanos(), end) - System.nanoTime();
      window = found.isLast() ? tail.next(window, Duration.ofNanos(left)) : tail.window();
      if (!tail.isRunning() || System.nanoTime() >= end) return;
      found = next(feed, window);
    }
  }

  private Chunk<Change> next(Feed feed, Window window) {
    window.check();
    if (feed.position() < window.after()) {
      return turns.take(() -> feed.next(CHUNK, window.upTo()));
    }
    return feed.next(window, turns);
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
  }
}
