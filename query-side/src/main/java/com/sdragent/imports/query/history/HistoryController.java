package com.sdragent.imports.query.history;

import com.sdragent.imports.access.Caller;
import com.sdragent.imports.events.ImportEventType;
import com.sdragent.imports.eventstore.Timelines;
import com.sdragent.imports.eventstore.VisibleLog;
import com.sdragent.imports.eventstore.VisibleLog.FeedFilter;
import com.sdragent.imports.query.web.JsonArrays;
import com.sdragent.imports.query.web.JsonArrays.Source;
import com.sdragent.imports.query.web.Recipient;
import com.sdragent.imports.web.ApiError;
import com.sdragent.imports.web.RequestParameters;
import com.sdragent.imports.web.TimedRoute;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.LongUnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** Serves the past to callers with the scope {@code imports:audit}. */
@RestController
class HistoryController {
  private final VisibleLog log;
  private final Timelines timelines;
  private final ImportHistory history;
  private final JsonArrays arrays;
  private final FeedStreams streams;

  HistoryController(VisibleLog log, Timelines timelines, JsonArrays arrays, FeedStreams streams) {
    this.log = log;
    this.timelines = timelines;
    this.history = new ImportHistory(log);
    this.arrays = arrays;
    this.streams = streams;
  }

  /** Every event of an import, even a deleted one, in order. */
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
        history.changes(caller.organization(), id, cursor == null ? -1 : cursor),
        (last, size) -> "limit=" + size + "&cursor=" + last.sequence(),
        caller,
        request,
        response);
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
    Begin begin = Begin.of(parameters);
    FeedFilter filter = filter(parameters, caller);
    Long seen = lastSeen(parameters, request);
    parameters.check();
    long address = begin.after(log, caller.organization());
    // A plain position is one of the present log, and costs no look at what there was before.
    EventIds ids =
        seen != null || EventIds.namesTimeline(address) ? new EventIds(timelines.all()) : null;
    // A client sends the id again with the address of the next page, so the later of the two
    // counts.
    long told =
        seen == null || ids == null
            ? address
            : Math.max(seen, EventIds.namesTimeline(address) ? address : ids.id(address));
    Feed feed = feed(told, ids, filter, response);
    arrays.write(
        limit,
        // A filter may let only few of many events pass.
        filter.wantsAll() ? Source.direct(feed::next) : feed::next,
        (last, size) ->
            nextPage(filter, ids == null ? last.position() : ids.id(last.position()), size),
        caller,
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
    Begin wanted = Begin.of(parameters);
    FeedFilter filter = filter(parameters, caller);
    // A client that reconnects sends it, so it is the later of the two.
    Long seen = lastSeen(parameters, request);
    parameters.check();
    if (HttpMethod.HEAD.matches(request.getMethod())) {
      response.setContentType(MediaType.TEXT_EVENT_STREAM_VALUE);
      return;
    }
    TimedRoute.isSlowOnRequest(request, "stream");
    long told = seen == null ? wanted.after(log, caller.organization()) : seen;
    var ids = new EventIds(timelines.all());
    long begin = seen != null || EventIds.namesTimeline(told) ? ids.shared(told) : told;
    streams.write(
        new Feed(log, filter, begin, ids::shared),
        EventIds.position(told),
        ids,
        Recipient.of(request, caller),
        response);
  }

  /** The id of the last event that the client has seen of a feed, if it names one. */
  private static @Nullable Long lastSeen(RequestParameters parameters, HttpServletRequest request) {
    String id = request.getHeader("Last-Event-ID");
    if (id == null || id.isEmpty()) return null;
    Optional<Long> last = RequestParameters.position(id);
    if (last.isEmpty()) {
      parameters.wrong("Last-Event-ID", "must be the id of an event of this feed");
    }
    return last.orElse(null);
  }

  /**
   * The feed after what the client was told.
   *
   * @param ids what there has been, when the client says on which timeline it was told; null when
   *     it names a position as the log is now
   */
  private Feed feed(
      long told, @Nullable EventIds ids, FeedFilter filter, HttpServletResponse response) {
    LongUnaryOperator shared =
        id -> {
          long begin = (ids == null ? new EventIds(timelines.all()) : ids).shared(id);
          if (begin < EventIds.position(id)) {
            response.setHeader("X-Feed-Reset", Long.toString(begin));
          }
          return begin;
        };
    return new Feed(log, filter, ids == null ? told : shared.applyAsLong(told), shared);
  }

  /** Where a feed is to begin: at most one of the three is given. */
  private record Begin(@Nullable Long after, @Nullable Integer last, @Nullable Instant since) {

    static Begin of(RequestParameters parameters) {
      var begin =
          new Begin(
              parameters.value("after", RequestParameters::position, "must be a position from 0"),
              parameters.value(
                  "last",
                  text -> RequestParameters.integer(text, 0, RequestParameters.LARGEST_PAGE),
                  "must be an integer from 0 to " + RequestParameters.LARGEST_PAGE),
              parameters.time("since"));
      if (Stream.of(begin.after, begin.last, begin.since).filter(Objects::nonNull).count() > 1) {
        parameters.wrong("after, last, since", "must not be given together");
      }
      return begin;
    }

    long after(VisibleLog log, UUID organization) {
      if (last != null) return log.beforeLast(organization, last);
      if (since != null) return log.before(organization, since);
      return after == null ? 0 : after;
    }
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
