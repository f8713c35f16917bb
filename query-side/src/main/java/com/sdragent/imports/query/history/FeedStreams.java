package com.sdragent.imports.query.history;

import com.sdragent.imports.query.history.FeedTail.Window;
import com.sdragent.imports.query.web.JsonArrays.Chunk;
import com.sdragent.imports.query.web.ReadingTurns;
import com.sdragent.imports.query.web.ReadingTurns.Seat;
import com.sdragent.imports.query.web.Recipient;
import com.sdragent.imports.web.Failures;
import io.micrometer.core.instrument.Counter;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.springframework.http.MediaType;
import tools.jackson.databind.json.JsonMapper;

/**
 * Server-sent events (the HTML standard's section 9.2) of a feed. A stream waits on its own virtual
 * thread and holds no connection to the database. It ends after a while, when its client's
 * credential no longer holds, and when the service stops. A client comes back with {@code
 * Last-Event-ID}, and since positions have no gaps and never change, it misses and repeats nothing.
 */
final class FeedStreams {
  private static final int RECONNECT_MILLIS = 1000;
  private static final int CHUNK = 200;

  private final JsonMapper json;
  private final Failures failures;
  private final FeedTail tail;
  private final ReadingTurns turns;
  private final Duration heartbeat;
  private final Duration lifetime;
  private final Counter written;

  /**
   * @param heartbeat the longest silence, which tells both sides that the other is there
   * @param lifetime after how long a stream ends
   * @param written counts the events that were written
   */
  FeedStreams(
      JsonMapper json,
      Failures failures,
      FeedTail tail,
      ReadingTurns turns,
      Duration heartbeat,
      Duration lifetime,
      Counter written) {
    this.written = written;
    this.json = json;
    this.failures = failures;
    this.tail = tail;
    this.turns = turns;
    this.heartbeat = heartbeat;
    this.lifetime = lifetime;
  }

  /**
   * Writes what the feed brings until the client goes, the stream's time is up or the store goes
   * back.
   *
   * @param told the position up to which the client was told before: it is told to forget what
   *     comes after the one that the feed begins at
   */
  void write(Feed feed, long told, EventIds ids, Recipient recipient, HttpServletResponse response)
      throws IOException {
    Seat seat = turns.enter(recipient);
    tail.join();
    try {
      write(feed, told, ids, seat, response);
    } catch (RuntimeException e) {
      if (!response.isCommitted()) throw e;
      if (!recipient.isThere()) return;
      // The client comes back and continues from where it was.
      failures.cutOff(e);
    } finally {
      tail.leave();
      seat.close();
    }
  }

  private void write(Feed feed, long told, EventIds ids, Seat seat, HttpServletResponse response)
      throws IOException {
    long end = System.nanoTime() + lifetime.toNanos();
    Window window = tail.window();
    // The first look is the stream's own, so that a client that cannot be served gets an error.
    Chunk<HistoryEntry> found = seat.take(() -> feed.next(CHUNK));
    tellOfStream(response);
    OutputStream out = response.getOutputStream();
    write(out, "retry: " + RECONNECT_MILLIS + "\n\n");
    if (feed.began() < told) reset(feed.began(), ids, out);
    long spoken = System.nanoTime() - heartbeat.toNanos();
    while (true) {
      List<HistoryEntry> changes = found.elements();
      for (HistoryEntry change : changes) {
        if (!seat.recipient().isThere()) return;
        write(out, "id: " + ids.id(change.position()) + "\ndata: ");
        out.write(json.writeValueAsBytes(change));
        write(out, "\n\n");
        written.increment();
      }
      boolean silent = System.nanoTime() - spoken >= heartbeat.toNanos();
      // Without data, it is not an event, but a client that comes back after it need not begin
      // before it.
      if (silent && changes.isEmpty()) {
        write(out, "id: " + ids.id(feed.position()) + "\n: still here\n\n");
      }
      if (silent || !changes.isEmpty()) {
        out.flush();
        spoken = System.nanoTime();
      }
      long left = Math.min(spoken + heartbeat.toNanos(), end) - System.nanoTime();
      long wait = Math.min(left, Recipient.LOOK_AGAIN.toNanos());
      window = found.isLast() ? tail.next(window, Duration.ofNanos(wait)) : tail.window();
      if (!tail.isRunning() || System.nanoTime() >= end) return;
      if (!seat.recipient().isThere()) return;
      // The client comes back and learns what is still the same.
      if (window.timeline() > ids.timeline()) return;
      found = next(feed, window, ids, seat);
    }
  }

  private void tellOfStream(HttpServletResponse response) {
    response.setContentType(MediaType.TEXT_EVENT_STREAM_VALUE);
    response.setCharacterEncoding(StandardCharsets.UTF_8.name());
    response.setHeader("Cache-Control", "no-store");
    // Its reader tells a lost connection by it.
    response.setHeader("X-Feed-Heartbeat", Long.toString(heartbeat.plusMillis(999).toSeconds()));
    // Otherwise, proxies that collect an answer before they pass it on would hold events back.
    response.setHeader("X-Accel-Buffering", "no");
  }

  private static void reset(long position, EventIds ids, OutputStream out) throws IOException {
    write(
        out,
        "event: reset\nid: "
            + ids.id(position)
            + "\ndata: {\"position\":"
            + position
            + ",\"detail\":\"The event store went back: what came after this position is"
            + " lost\"}\n\n");
  }

  private static Chunk<HistoryEntry> next(Feed feed, Window window, EventIds ids, Seat seat) {
    window.check();
    // Events that were read on an earlier timeline may be lost.
    if (window.timeline() < ids.timeline()) return new Chunk<>(List.of(), true);
    if (feed.position() < window.beginsAfter()) {
      return seat.goOn(() -> feed.next(CHUNK, window.upTo()));
    }
    return feed.next(window, seat);
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
  }
}
