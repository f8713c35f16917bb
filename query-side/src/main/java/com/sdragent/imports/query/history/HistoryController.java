package com.sdragent.imports.query.history;

import com.sdragent.imports.access.ApiError;
import com.sdragent.imports.access.Caller;
import com.sdragent.imports.events.ImportEventType;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.EventLog.FeedFilter;
import com.sdragent.imports.query.view.Cursor;
import com.sdragent.imports.query.view.ImportFilter;
import com.sdragent.imports.query.view.JsonArrays;
import com.sdragent.imports.query.view.RequestParameters;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;

/** What was, for those with the scope {@code imports:audit}. */
@RestController
class HistoryController {
  private final EventLog log;
  private final ImportHistory history;
  private final JsonArrays arrays;
  private final FeedStreams streams;

  HistoryController(EventLog log, JsonArrays arrays, FeedStreams streams) {
    this.log = log;
    this.history = new ImportHistory(log);
    this.arrays = arrays;
    this.streams = streams;
  }

  /** Every event of an import, a deleted one too, in order. */
  @GetMapping(
      path = {"/imports/{id}/events", "/imports/{id}/events/"},
      produces = MediaType.APPLICATION_JSON_VALUE)
  void events(
      @PathVariable UUID id,
      @AuthenticationPrincipal Caller caller,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    var parameters = new RequestParameters(request);
    Integer limit = parameters.limit();
    Long cursor =
        parameters.value("cursor", HistoryController::number, "must come from a Link header");
    parameters.check();
    if (!history.knows(caller.organization(), id)) throw ApiError.notFound("Import not found");

    var changes = new ImportHistory.OfOneImport(log, id);
    long start = cursor == null ? -1 : cursor;
    arrays.<Change>write(
        limit,
        (last, size) -> changes.after(last == null ? start : last.sequence(), size),
        (last, size) -> "limit=" + size + "&cursor=" + last.sequence(),
        request,
        response);
  }

  /** The import as it was after its events up to and including this time. */
  @GetMapping(
      path = {"/imports/{id}", "/imports/{id}/"},
      params = "as_of",
      produces = MediaType.APPLICATION_JSON_VALUE)
  Active asOf(
      @PathVariable UUID id, @AuthenticationPrincipal Caller caller, HttpServletRequest request) {
    var parameters = new RequestParameters(request);
    Instant time = parameters.time("as_of");
    if (request.getParameter("wait") != null) parameters.wrong("wait", "cannot go with as_of");
    parameters.check();
    return history
        .asOf(caller.organization(), id, Objects.requireNonNull(time))
        .orElseThrow(() -> ApiError.notFound("Import not found"));
  }

  /** The list as it was after each import's events up to and including this time. */
  @GetMapping(
      path = {"/imports", "/imports/"},
      params = "as_of",
      produces = MediaType.APPLICATION_JSON_VALUE)
  void listAsOf(
      @AuthenticationPrincipal Caller caller,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    var parameters = new RequestParameters(request);
    ImportFilter filter = parameters.filter(caller.organization());
    Integer limit = parameters.limit();
    Cursor cursor = parameters.cursor();
    Instant asOf = parameters.time("as_of");
    parameters.check();
    Instant time = Objects.requireNonNull(asOf);
    arrays.<Active>write(
        limit,
        (last, size) ->
            history.asOf(filter, time, last == null ? cursor : Cursor.after(last), size),
        (last, size) -> filter.nextPage(time, size, Cursor.after(last)),
        request,
        response);
  }

  /** How many imports the list would have shown then. */
  @RequestMapping(
      method = RequestMethod.HEAD,
      path = {"/imports", "/imports/"},
      params = "as_of",
      produces = MediaType.APPLICATION_JSON_VALUE)
  void countAsOf(
      @AuthenticationPrincipal Caller caller,
      HttpServletRequest request,
      HttpServletResponse response) {
    var parameters = new RequestParameters(request);
    ImportFilter filter = parameters.filter(caller.organization());
    Instant asOf = parameters.time("as_of");
    parameters.check();
    long count = 0;
    List<Active> shown = List.of();
    do {
      Cursor last = shown.isEmpty() ? null : Cursor.after(shown.getLast());
      shown = history.asOf(filter, Objects.requireNonNull(asOf), last, ImportHistory.CHUNK);
      count += shown.size();
    } while (shown.size() == ImportHistory.CHUNK);
    response.setHeader("X-Total-Count", Long.toString(count));
    response.setContentType(MediaType.APPLICATION_JSON_VALUE);
  }

  /** The organization's events after a position, as an array. */
  @GetMapping(
      path = {"/events", "/events/"},
      produces = MediaType.APPLICATION_JSON_VALUE)
  void feed(
      @AuthenticationPrincipal Caller caller,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    var parameters = new RequestParameters(request);
    Integer limit = parameters.limit();
    Long after = after(parameters);
    FeedFilter filter = filter(parameters, caller);
    parameters.check();
    var feed = new Feed(log, filter);
    long start = after == null ? 0 : after;
    arrays.<Change>write(
        limit,
        (last, size) -> feed.after(last == null ? start : last.position(), size),
        (last, size) -> nextPage(filter, last.position(), size),
        request,
        response);
  }

  /** The organization's events after a position, as they happen. */
  @GetMapping(
      path = {"/events", "/events/"},
      produces = MediaType.TEXT_EVENT_STREAM_VALUE)
  void stream(
      @AuthenticationPrincipal Caller caller,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    var parameters = new RequestParameters(request);
    Long after = after(parameters);
    FeedFilter filter = filter(parameters, caller);
    // Sent by who reconnects, so it is the later of both.
    String lastEventId = request.getHeader("Last-Event-ID");
    if (lastEventId != null && !lastEventId.isEmpty()) {
      Optional<Long> last = number(lastEventId);
      if (last.isEmpty()) {
        parameters.wrong("Last-Event-ID", "must be the id of an event of this feed");
      }
      after = last.orElse(null);
    }
    parameters.check();
    if (HttpMethod.HEAD.matches(request.getMethod())) {
      response.setContentType(MediaType.TEXT_EVENT_STREAM_VALUE);
      return;
    }
    streams.write(new Feed(log, filter), after == null ? 0 : after, response);
  }

  private static @Nullable Long after(RequestParameters parameters) {
    return parameters.value("after", HistoryController::number, "must be a position from 0");
  }

  private static FeedFilter filter(RequestParameters parameters, Caller caller) {
    String type =
        parameters.value(
            "type",
            name ->
                Stream.of(ImportEventType.values())
                    .map(ImportEventType::logicalName)
                    .filter(name::equals)
                    .findFirst(),
            "must be the name of an event, such as ImportCreated");
    return new FeedFilter(caller.organization(), type, parameters.uuid("import_id"));
  }

  private static String nextPage(FeedFilter filter, long after, int limit) {
    return "limit="
        + limit
        + (filter.type() == null ? "" : "&type=" + filter.type())
        + (filter.importId() == null ? "" : "&import_id=" + filter.importId())
        + "&after="
        + after;
  }

  private static Optional<Long> number(String text) {
    return text.matches("[0-9]{1,18}") ? Optional.of(Long.valueOf(text)) : Optional.empty();
  }
}
