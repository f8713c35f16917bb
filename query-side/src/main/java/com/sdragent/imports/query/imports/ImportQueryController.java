package com.sdragent.imports.query.imports;

import com.sdragent.imports.access.Caller;
import com.sdragent.imports.access.Past;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.events.ImportStatus;
import com.sdragent.imports.query.web.Cursor;
import com.sdragent.imports.query.web.JsonArrays;
import com.sdragent.imports.query.web.JsonArrays.NextPage;
import com.sdragent.imports.query.web.JsonArrays.Source;
import com.sdragent.imports.query.web.Recipient;
import com.sdragent.imports.web.ApiError;
import com.sdragent.imports.web.Preconditions;
import com.sdragent.imports.web.RequestParameters;
import com.sdragent.imports.web.TimedRoute;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;

/** The reading half of the Imports API. */
@RestController
class ImportQueryController {
  private static final int LONGEST_WAIT_SECONDS = 60;
  private static final String MIN_VERSION = "Min-Version";
  private static final Set<ImportStatus> ENDS =
      EnumSet.of(ImportStatus.COMPLETED, ImportStatus.FAILED);

  private final ImportReads reads;
  private final LongPolls longPolls;
  private final LaterVersions laterVersions;
  private final ImportLists lists;
  private final JsonArrays arrays;
  private final PastReads past;

  ImportQueryController(
      ImportReads reads,
      LongPolls longPolls,
      LaterVersions laterVersions,
      ImportLists lists,
      JsonArrays arrays,
      PastReads past) {
    this.reads = reads;
    this.longPolls = longPolls;
    this.laterVersions = laterVersions;
    this.lists = lists;
    this.arrays = arrays;
    this.past = past;
  }

  /**
   * The import as it is now, unless the client has it, as it was then or, with {@code wait}, once
   * it has come to one of these statuses.
   */
  @GetMapping(
      path = {"/imports/{id}", "/imports/{id}/"},
      produces = MediaType.APPLICATION_JSON_VALUE)
  @Nullable Active get(
      @PathVariable UUID id,
      @AuthenticationPrincipal Caller caller,
      HttpServletRequest request,
      HttpServletResponse response) {
    if (Past.isAskedFor(request)) return past.find(id, caller, request);
    var parameters = new RequestParameters(request);
    Integer wait =
        parameters.value(
            "wait",
            text -> RequestParameters.integer(text, 0, LONGEST_WAIT_SECONDS),
            "must be an integer from 0 to " + LONGEST_WAIT_SECONDS);
    Set<ImportStatus> until =
        parameters.value(
            "until",
            ImportQueryController::statuses,
            "must be some of pending, processing, completed, failed, joined by commas");
    Long least = least(parameters, request);
    parameters.check();
    Preconditions conditions = Preconditions.of(request);
    Recipient recipient = Recipient.of(request, caller);
    Optional<VersionedImport> found =
        least == null ? Optional.empty() : laterVersions.find(recipient, id, least);
    // What is read after that is no older.
    if (wait != null) {
      TimedRoute.isSlowOnRequest(request, "wait");
      found =
          longPolls.findOnce(
              (until == null ? ENDS : until)::contains, Duration.ofSeconds(wait), recipient, id);
    } else if (least == null) {
      found = reads.find(recipient, id);
    }
    VersionedImport now = found.orElseThrow(() -> ApiError.notFound("Import not found"));
    return conditions.tellRead(response, now.sequence()) ? now.state() : null;
  }

  /** The version than which the answer may not be older, or null for whatever there is now. */
  private static @Nullable Long least(RequestParameters parameters, HttpServletRequest request) {
    String sent = request.getHeader(MIN_VERSION);
    if (sent == null) return null;
    Optional<Long> least = RequestParameters.position(sent);
    boolean isOne = Collections.list(request.getHeaders(MIN_VERSION)).size() == 1;
    if (least.isEmpty() || !isOne) {
      parameters.wrong(MIN_VERSION, "must be the sequence number of an event");
    }
    return least.orElse(null);
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
    if (Past.isAskedFor(request)) {
      past.list(caller, request, response);
      return;
    }
    var parameters = new RequestParameters(request);
    ListRequest wanted = ListRequest.of(parameters, caller.organization());
    parameters.check();

    awaitCurrent(caller, response);
    ImportFilter filter = wanted.filter();
    Source<Active> rows =
        Source.following(
            (last, size) ->
                lists.page(
                    filter,
                    last == null ? wanted.cursor() : new Cursor(last.createdAt(), last.id()),
                    size,
                    wanted.limit() == null));
    NextPage<Active> next = (last, size) -> filter.nextPage(null, size, last);
    Integer limit = wanted.limit();
    if (limit != null && filter.isIndexed()) {
      arrays.writeShared(wanted, limit, Source.direct(rows), next, caller, request, response);
    } else {
      arrays.write(limit, rows, next, caller, request, response);
    }
  }

  /** How many imports pass the filters, whatever part of them a page would show. */
  @RequestMapping(
      method = RequestMethod.HEAD,
      path = {"/imports", "/imports/"},
      produces = MediaType.APPLICATION_JSON_VALUE)
  void count(
      @AuthenticationPrincipal Caller caller,
      HttpServletRequest request,
      HttpServletResponse response) {
    if (Past.isAskedFor(request)) {
      past.count(caller, request, response);
      return;
    }
    var parameters = new RequestParameters(request);
    ListRequest wanted = ListRequest.of(parameters, caller.organization());
    parameters.check();

    awaitCurrent(caller, response);
    arrays.writeCount(() -> lists.count(wanted.filter()), caller, request, response);
  }

  private static Optional<Set<ImportStatus>> statuses(String text) {
    Set<ImportStatus> statuses = EnumSet.noneOf(ImportStatus.class);
    for (String label : text.split(",", -1)) {
      Optional<ImportStatus> status = ImportStatus.labelled(label);
      if (status.isEmpty()) return Optional.empty();
      statuses.add(status.get());
    }
    return Optional.of(statuses);
  }

  private void awaitCurrent(Caller caller, HttpServletResponse response) {
    long lag = lists.awaitCurrent(caller.organization());
    if (lag > 0) response.setHeader("X-Projection-Lag", Long.toString(lag));
  }
}
