package com.sdragent.imports.query.view;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.json.JsonMapper;

/** Writes long answers as JSON arrays, chunk by chunk. */
public final class JsonArrays {
  /** However many want everything, they leave the other connections to those who want little. */
  private static final int CHUNKS_AT_ONCE = 4;

  private final JsonMapper json;
  private final int chunk;
  private final Semaphore reading = new Semaphore(CHUNKS_AT_ONCE, true);

  /**
   * @param chunk how many elements are read at a time when everything is asked for
   */
  public JsonArrays(JsonMapper json, int chunk) {
    this.json = json;
    this.chunk = chunk;
  }

  /** Where the elements of an answer come from, in order. */
  @FunctionalInterface
  public interface Source<T> {
    /**
     * At most as many as the limit, after this element or from the first; fewer at the end only.
     */
    List<T> after(@Nullable T last, int limit);
  }

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
      stream(source, response);
    } else {
      page(limit, source, next, request, response);
    }
  }

  private <T> void page(
      int limit,
      Source<T> source,
      NextPage<T> next,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    // One more than asked for tells whether there is a next page.
    List<T> rows = source.after(null, limit + 1);
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
    List<T> rows = chunk(source, null);
    response.setContentType(MediaType.APPLICATION_JSON_VALUE);
    JsonGenerator array =
        json.createGenerator(response.getOutputStream())
            .configure(StreamWriteFeature.AUTO_CLOSE_CONTENT, false);
    array.writeStartArray();
    while (!rows.isEmpty()) {
      for (T row : rows) array.writePOJO(row);
      if (rows.size() < chunk) break;
      rows = chunk(source, rows.getLast());
    }
    array.writeEndArray();
    array.close();
  }

  /** Those who want everything take turns; who waits holds no connection. */
  private <T> List<T> chunk(Source<T> source, @Nullable T last) {
    reading.acquireUninterruptibly();
    try {
      return source.after(last, chunk);
    } finally {
      reading.release();
    }
  }
}
