package com.sdragent.imports.query.web;

import com.sdragent.imports.access.Caller;
import com.sdragent.imports.query.web.ReadingTurns.Seat;
import com.sdragent.imports.web.ApiError;
import com.sdragent.imports.web.Failures;
import com.sdragent.imports.web.LinkedPage;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.apache.catalina.connector.ClientAbortException;
import org.apache.coyote.CloseNowException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.databind.json.JsonMapper;

/** Writes long answers as JSON arrays, chunk by chunk. */
public final class JsonArrays {
  /** A page usually takes less than a millisecond; one that hangs holds up no other. */
  private static final Duration PATIENCE = Duration.ofMillis(10);

  /** A page that is larger may stay in memory as long as its client takes. */
  private static final int LARGE = 32 * 1024;

  /** What a long answer keeps in memory at most, or not much more. */
  private static final int BYTES_OF_A_SEAT = 256 * 1024;

  private final JsonMapper json;
  private final Failures failures;
  private final ReadingTurns turns;
  private final int chunk;
  private final SharedAnswers<Object, Page> pages;

  /**
   * @param chunk how many elements are read at a time when a request asks for everything
   */
  public JsonArrays(JsonMapper json, Failures failures, ReadingTurns turns, int chunk) {
    this(json, failures, turns, chunk, PATIENCE);
  }

  JsonArrays(JsonMapper json, Failures failures, ReadingTurns turns, int chunk, Duration patience) {
    pages = new SharedAnswers<>(patience);
    this.json = json;
    this.failures = failures;
    this.turns = turns;
    this.chunk = chunk;
  }

  /** The source of one answer's elements, in order. It remembers how far it came. */
  @FunctionalInterface
  public interface Source<T> {
    /** The next elements, about as many as are wanted, by one bounded look at the database. */
    Chunk<T> next(int wanted);

    /**
     * Whether a look is hardly more work than what it finds, so that a single one needs no turn.
     */
    default boolean isDirect() {
      return false;
    }

    /** A source whose looks are hardly more work than what they find. */
    static <T> Source<T> direct(Source<T> source) {
      return new Source<>() {
        @Override
        public Chunk<T> next(int wanted) {
          return source.next(wanted);
        }

        @Override
        public boolean isDirect() {
          return true;
        }
      };
    }

    /** A source that continues after the last element. */
    static <T> Source<T> following(Following<T> following) {
      return new Source<>() {
        private @Nullable T last;

        @Override
        public Chunk<T> next(int wanted) {
          Chunk<T> found = following.next(last, wanted);
          if (!found.elements().isEmpty()) last = found.elements().getLast();
          return found;
        }
      };
    }
  }

  /**
   * A page as all who ask for it get it.
   *
   * @param next the parameters of the next page, or null when there is none
   */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares pages
  private record Page(byte[] json, @Nullable String next) {}

  /** The elements that follow an element. */
  @FunctionalInterface
  public interface Following<T> {
    /** At most as many elements as the limit, after this one or from the first. */
    Chunk<T> next(@Nullable T last, int limit);
  }

  /**
   * The result of one look.
   *
   * @param elements the elements, perhaps none although more follow, since a look is bounded by its
   *     work and by what it keeps in memory, too
   * @param isLast whether nothing follows
   */
  public record Chunk<T>(List<T> elements, boolean isLast) {

    /** Elements of which fewer than wanted are the end. */
    public static <T> Chunk<T> of(List<T> elements, int wanted) {
      return new Chunk<>(elements, elements.size() < wanted);
    }
  }

  /** The way to ask for the next page. */
  @FunctionalInterface
  public interface NextPage<T> {
    /** The parameters that ask for the elements after this one. */
    String parameters(T last, int limit);
  }

  /**
   * Writes one page, with a {@code Link} to the next when there is one; or everything without
   * limit.
   */
  public <T> void write(
      @Nullable Integer limit,
      Source<T> source,
      NextPage<T> next,
      Caller caller,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Recipient recipient = Recipient.of(request, caller);
    if (limit == null) {
      try (var seat = turns.enter(recipient)) {
        stream(source, seat, response);
      } catch (JacksonIOException e) {
        // The client has gone, of which nobody is told.
        throw e;
      } catch (RuntimeException e) {
        if (!response.isCommitted()) throw e;
        failures.cutOff(e);
        // At this one, the container breaks the connection and logs nothing.
        throw new CloseNowException("The answer cannot go on");
      }
    } else {
      write(page(limit, source, next, recipient), recipient, request, response);
    }
  }

  /**
   * Writes one page, which is read and put together once for all requests that come together. The
   * source has to be a direct one, of a single look.
   *
   * @param key what the page depends on: requests with equal keys share it
   */
  public <T> void writeShared(
      Object key,
      int limit,
      Source<T> source,
      NextPage<T> next,
      Caller caller,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    Recipient recipient = Recipient.of(request, caller);
    Page page = pages.answer(key, () -> page(limit, source, next, recipient));
    write(page, recipient, request, response);
  }

  /** Tells how many there are, without any of them. */
  public <T> void writeCount(
      Source<T> source, Caller caller, HttpServletRequest request, HttpServletResponse response) {
    long count = 0;
    try (var seat = turns.enter(Recipient.of(request, caller))) {
      Chunk<T> found;
      do {
        found = seat.take(() -> source.next(chunk));
        count += found.elements().size();
      } while (!found.isLast());
    }
    writeCount(count, response);
  }

  /** Tells how many there are, without any of them, by one look that takes its turn. */
  public void writeCount(
      Supplier<Long> count,
      Caller caller,
      HttpServletRequest request,
      HttpServletResponse response) {
    try (var seat = turns.enter(Recipient.of(request, caller))) {
      writeCount((long) seat.take(count), response);
    }
  }

  private static void writeCount(long count, HttpServletResponse response) {
    response.setHeader("X-Total-Count", Long.toString(count));
    response.setContentType(MediaType.APPLICATION_JSON_VALUE);
  }

  private <T> Page page(int limit, Source<T> source, NextPage<T> next, Recipient recipient) {
    // One more than asked for tells whether there is a next page.
    int wanted = limit + 1;
    List<T> rows = turns.gather(wanted, source, recipient);
    if (rows.size() <= limit) return new Page(json.writeValueAsBytes(rows), null);
    List<T> shown = rows.subList(0, limit);
    return new Page(json.writeValueAsBytes(shown), next.parameters(shown.getLast(), limit));
  }

  /** A large page takes seats by its size, so that slow readers hold a bounded part of the heap. */
  private void write(
      Page page, Recipient recipient, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    int bytes = page.json().length;
    if (bytes <= LARGE) {
      write(page, request, response);
      return;
    }
    try (var _ = turns.enter(recipient, 1 + bytes / BYTES_OF_A_SEAT)) {
      write(page, request, response);
    }
  }

  private static void write(Page page, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (page.next() != null) {
      response.setHeader(HttpHeaders.LINK, LinkedPage.link(request, page.next()));
    }
    response.setContentType(MediaType.APPLICATION_JSON_VALUE);
    response.setContentLength(page.json().length);
    response.getOutputStream().write(page.json());
  }

  /**
   * Each chunk is a statement of its own and complete before any of it is written: neither memory
   * nor a database snapshot grows with the list, and a slow reader holds no connection. A failure
   * midway leaves the array open: what was sent must not look complete.
   */
  private <T> void stream(Source<T> source, Seat seat, HttpServletResponse response)
      throws IOException {
    Chunk<T> found = seat.take(() -> source.next(chunk));
    response.setContentType(MediaType.APPLICATION_JSON_VALUE);
    JsonGenerator array =
        json.createGenerator(response.getOutputStream())
            .configure(StreamWriteFeature.AUTO_CLOSE_CONTENT, false);
    array.writeStartArray();
    while (true) {
      for (T row : found.elements()) {
        requirePresence(seat.recipient());
        array.writePOJO(row);
      }
      if (found.isLast()) break;
      if (found.elements().isEmpty()) {
        // However long nothing passes a filter, a client that has gone is noticed.
        array.writeRaw(' ');
        array.flush();
      }
      found = next(source, seat);
    }
    array.writeEndArray();
    array.close();
  }

  private <T> Chunk<T> next(Source<T> source, Seat seat) throws IOException {
    try {
      return seat.goOn(() -> source.next(chunk));
    } catch (ApiError e) {
      requirePresence(seat.recipient());
      throw e;
    }
  }

  /** Breaks off an answer that nobody may have any more. */
  private static void requirePresence(Recipient recipient) throws ClientAbortException {
    if (recipient.isThere()) return;
    if (recipient.isConnected()) throw ApiError.unauthenticated();
    throw new ClientAbortException("The client has gone");
  }
}
