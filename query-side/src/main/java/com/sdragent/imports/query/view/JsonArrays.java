package com.sdragent.imports.query.view;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.json.JsonMapper;

/** Writes long answers as JSON arrays, chunk by chunk. */
public final class JsonArrays {
  private final JsonMapper json;
  private final ReadingTurns turns;
  private final int chunk;

  /**
   * @param chunk how many elements are read at a time when everything is asked for
   */
  public JsonArrays(JsonMapper json, ReadingTurns turns, int chunk) {
    this.json = json;
    this.turns = turns;
    this.chunk = chunk;
  }

  /** Where the elements of one answer come from, in order. It remembers how far it came. */
  @FunctionalInterface
  public interface Source<T> {
    /** The next elements, about as many as are wanted, by one bounded look at the database. */
    Chunk<T> next(int wanted);

    /** Everything that goes on after the last element; fewer than wanted are the end. */
    static <T> Source<T> following(Following<T> following) {
      return new Source<>() {
        private @Nullable T last;

        @Override
        public Chunk<T> next(int wanted) {
          List<T> elements = following.after(last, wanted);
          if (!elements.isEmpty()) last = elements.getLast();
          return new Chunk<>(elements, elements.size() < wanted);
        }
      };
    }
  }

  /** What follows an element. */
  @FunctionalInterface
  public interface Following<T> {
    /** At most as many as the limit, after this element or from the first. */
    List<T> after(@Nullable T last, int limit);
  }

  /**
   * What one look has found.
   *
   * @param elements maybe none, although more follow: a look is bounded by its work, too
   * @param isLast whether nothing follows
   */
  public record Chunk<T>(List<T> elements, boolean isLast) {}

  /** How the next page is asked for. */
  @FunctionalInterface
  public interface NextPage<T> {
    /** The parameters that ask for what follows this element. */
    String after(T last, int limit);
  }

  /** One page, with a {@code Link} to the next when there is one; or everything without limit. */
  public <T> void write(
      @Nullable Integer limit,
      Source<T> source,
      NextPage<T> next,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    if (limit == null) {
      try (var _ = turns.enter()) {
        stream(source, response);
      }
    } else {
      page(limit, source, next, request, response);
    }
  }

  /** How many there are. */
  public <T> long count(Source<T> source) {
    long count = 0;
    while (true) {
      Chunk<T> found = turns.take(() -> source.next(chunk));
      count += found.elements().size();
      if (found.isLast()) return count;
    }
  }

  /** Tells how many there are, without any of them, by one look that takes its turn. */
  public void writeCount(Supplier<Long> count, HttpServletResponse response) {
    writeCount((long) turns.take(count), response);
  }

  /** Tells how many there are, without any of them. */
  public void writeCount(long count, HttpServletResponse response) {
    response.setHeader("X-Total-Count", Long.toString(count));
    response.setContentType(MediaType.APPLICATION_JSON_VALUE);
  }

  private <T> void page(
      int limit,
      Source<T> source,
      NextPage<T> next,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    // One more than asked for tells whether there is a next page.
    int wanted = limit + 1;
    // The first look is no more work than any other GET; who needs many takes turns.
    Chunk<T> found = source.next(wanted);
    List<T> rows = new ArrayList<>(found.elements());
    while (!found.isLast() && rows.size() < wanted) {
      int missing = wanted - rows.size();
      found = turns.take(() -> source.next(missing));
      rows.addAll(found.elements());
    }
    if (rows.size() > limit) {
      rows = rows.subList(0, limit);
      String address = lastSegment(request) + "?" + next.after(rows.getLast(), limit);
      response.setHeader("Link", "<" + address + ">; rel=\"next\"");
    }
    response.setContentType(MediaType.APPLICATION_JSON_VALUE);
    json.writeValue(response.getOutputStream(), rows);
  }

  /**
   * The address (RFC 8288) is relative to the request's, so that it holds behind any proxy, and
   * names its last segment, without which some clients resolve it wrongly.
   */
  private static String lastSegment(HttpServletRequest request) {
    String path = request.getRequestURI();
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /**
   * Each chunk is a statement of its own and complete before any of it is written: neither memory
   * nor a snapshot grows with the list, and who reads slowly holds no connection. A failure midway
   * leaves the array open: what was sent must not look complete.
   */
  private <T> void stream(Source<T> source, HttpServletResponse response) throws IOException {
    Chunk<T> found = turns.take(() -> source.next(chunk));
    response.setContentType(MediaType.APPLICATION_JSON_VALUE);
    JsonGenerator array =
        json.createGenerator(response.getOutputStream())
            .configure(StreamWriteFeature.AUTO_CLOSE_CONTENT, false);
    array.writeStartArray();
    while (true) {
      for (T row : found.elements()) array.writePOJO(row);
      if (found.isLast()) break;
      if (found.elements().isEmpty()) {
        // However long nothing passes a filter: who has gone is noticed.
        array.writeRaw(' ');
        array.flush();
      }
      found = turns.take(() -> source.next(chunk));
    }
    array.writeEndArray();
    array.close();
  }
}
