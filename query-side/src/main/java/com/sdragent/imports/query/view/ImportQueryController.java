package com.sdragent.imports.query.view;

import com.sdragent.imports.access.ApiError;
import com.sdragent.imports.access.ApiError.FieldError;
import com.sdragent.imports.access.Caller;
import com.sdragent.imports.access.StrictUuid;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.events.ImportStatus;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.json.JsonMapper;

/** The reading half of the Imports API. */
@RestController
class ImportQueryController {
  private static final int LARGEST_PAGE = 1000;

  private final ImportReads reads;
  private final ImportViews views;
  private final JsonMapper json;
  private final int listChunk;

  ImportQueryController(ImportReads reads, ImportViews views, JsonMapper json, int listChunk) {
    this.reads = reads;
    this.views = views;
    this.json = json;
    this.listChunk = listChunk;
  }

  @GetMapping(
      path = {"/imports/{id}", "/imports/{id}/"},
      produces = MediaType.APPLICATION_JSON_VALUE)
  Active get(@PathVariable UUID id, @AuthenticationPrincipal Caller caller) {
    return reads
        .find(caller.organization(), id)
        .orElseThrow(() -> ApiError.notFound("Import not found"));
  }

  /** Every import that passes the filters, newest first, or one page of them. */
  @GetMapping(
      path = {"/imports", "/imports/"},
      produces = MediaType.APPLICATION_JSON_VALUE)
  void list(
      @AuthenticationPrincipal Caller caller,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    var query = new Query(request);
    ImportStatus status =
        query.value(
            "status",
            ImportStatus::labelled,
            "must be one of pending, processing, completed, failed");
    UUID campaignId = query.value("campaign_id", StrictUuid::parse, "must be a UUID");
    Integer limit =
        query.value("limit", Query::pageSize, "must be an integer from 1 to " + LARGEST_PAGE);
    Cursor cursor = query.value("cursor", Cursor::decoded, "must come from a Link header");
    query.check();

    long lag = reads.awaitCurrent();
    if (lag > 0) response.setHeader("X-Projection-Lag", Long.toString(lag));
    var filter = new ImportViews.Filter(caller.organization(), status, campaignId);
    if (limit == null) {
      stream(filter, cursor, response);
    } else {
      page(filter, cursor, limit, response);
    }
  }

  private void page(
      ImportViews.Filter filter, @Nullable Cursor cursor, int limit, HttpServletResponse response)
      throws IOException {
    // One more than asked for tells whether there is a next page.
    List<Active> rows = states(filter, cursor, limit + 1);
    if (rows.size() > limit) {
      rows = rows.subList(0, limit);
      response.setHeader("Link", nextPage(filter, limit, Cursor.after(rows.getLast())));
    }
    response.setContentType(MediaType.APPLICATION_JSON_VALUE);
    json.writeValue(response.getOutputStream(), rows);
  }

  /**
   * Writes everything chunk by chunk, so that neither memory nor a snapshot grows with the list. A
   * failure midway leaves the array open: what was sent must not look complete.
   */
  private void stream(
      ImportViews.Filter filter, @Nullable Cursor cursor, HttpServletResponse response)
      throws IOException {
    List<Active> chunk = states(filter, cursor, listChunk);
    response.setContentType(MediaType.APPLICATION_JSON_VALUE);
    JsonGenerator array =
        json.createGenerator(response.getOutputStream())
            .configure(tools.jackson.core.StreamWriteFeature.AUTO_CLOSE_CONTENT, false);
    array.writeStartArray();
    while (!chunk.isEmpty()) {
      for (Active row : chunk) array.writePOJO(row);
      if (chunk.size() < listChunk) break;
      chunk = states(filter, Cursor.after(chunk.getLast()), listChunk);
    }
    array.writeEndArray();
    array.close();
  }

  private List<Active> states(ImportViews.Filter filter, @Nullable Cursor after, int limit) {
    return views.page(filter, after, limit).stream().map(ImportView::state).toList();
  }

  /** RFC 8288, relative to the request, so that it holds behind any proxy. */
  private static String nextPage(ImportViews.Filter filter, int limit, Cursor cursor) {
    var address = new StringBuilder("?limit=").append(limit);
    if (filter.status() != null) address.append("&status=").append(filter.status().label());
    if (filter.campaignId() != null) address.append("&campaign_id=").append(filter.campaignId());
    address.append("&cursor=").append(cursor.encoded());
    return "<" + address + ">; rel=\"next\"";
  }

  /** The parameters of a request, checked one by one; what is wrong with each is collected. */
  private static final class Query {
    private final HttpServletRequest request;
    private final List<FieldError> errors = new ArrayList<>();

    Query(HttpServletRequest request) {
      this.request = request;
    }

    <T> @Nullable T value(String name, Function<String, Optional<T>> parse, String otherwise) {
      String[] values = request.getParameterValues(name);
      if (values == null) return null;
      if (values.length == 1) {
        Optional<T> value = parse.apply(values[0]);
        if (value.isPresent()) return value.get();
      }
      errors.add(
          new FieldError(name, values.length == 1 ? otherwise : "must be given at most once"));
      return null;
    }

    void check() {
      if (!errors.isEmpty()) throw ApiError.validation(errors);
    }

    static Optional<Integer> pageSize(String text) {
      if (!text.matches("[0-9]{1,4}")) return Optional.empty();
      int size = Integer.parseInt(text);
      return size >= 1 && size <= LARGEST_PAGE ? Optional.of(size) : Optional.empty();
    }
  }
}
