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
import com.sdragent.imports.query.view.ListRequest;
import com.sdragent.imports.query.view.RequestParameters;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Instant;
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
    Long cursor = parameters.numberedCursor();
    parameters.check();
    if (!history.knows(caller.organization(), id)) throw ApiError.notFound("Import not found");

    arrays.write(
        limit,
        history.changes(id, cursor == null ? -1 : cursor),
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
    ListRequest wanted = parameters.list(caller.organization());
    Instant asOf = parameters.time("as_of");
    parameters.check();
    Instant time = Objects.requireNonNull(asOf);
    ImportFilter filter = wanted.filter();
    arrays.write(
        wanted.limit(),
        new ListAsOf(log, filter, time, wanted.cursor()),
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
    ListRequest wanted = parameters.list(caller.organization());
    Instant asOf = parameters.time("as_of");
    parameters.check();
    var all = new ListAsOf(log, wanted.filter(), Objects.requireNonNull(asOf), null);
    arrays.writeCount(arrays.count(all), response);
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
    var feed = new Feed(log, filter, after == null ? 0 : after);
    // What is written meanwhile is for the next request: who writes as fast as it reads has no end.
    long head = log.head();
    arrays.write(
        limit,
        size -> feed.next(size, head),
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
      Optional<Long> last = RequestParameters.position(lastEventId);
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
    streams.write(new Feed(log, filter, after == null ? 0 : after), response);
  }

  private static @Nullable Long after(RequestParameters parameters) {
    return parameters.value("after", RequestParameters::position, "must be a position from 0");
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
}
