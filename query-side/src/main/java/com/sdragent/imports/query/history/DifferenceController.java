package com.sdragent.imports.query.history;

import com.sdragent.imports.access.Caller;
import com.sdragent.imports.eventstore.VisibleLog;
import com.sdragent.imports.query.web.Cursor;
import com.sdragent.imports.query.web.JsonArrays;
import com.sdragent.imports.web.RequestParameters;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Serves what differs between two moments to callers with the scope {@code imports:audit}. */
@RestController
class DifferenceController {
  private final VisibleLog log;
  private final JsonArrays arrays;

  DifferenceController(VisibleLog log, JsonArrays arrays) {
    this.log = log;
    this.arrays = arrays;
  }

  /** What differs between the organization's imports at two moments. */
  @GetMapping(
      path = {"/imports/changes", "/imports/changes/"},
      produces = MediaType.APPLICATION_JSON_VALUE)
  void differences(
      @AuthenticationPrincipal Caller caller,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    var parameters = new RequestParameters(request);
    Integer limit = parameters.limit();
    Cursor cursor = parameters.cursor(Cursor::decoded);
    Moment from = moment(parameters, request, "from");
    Moment to = moment(parameters, request, "to");
    if (from != null && to != null) {
      if (from.isTime() != to.isTime()) {
        parameters.wrong("from", "must be a position when to is one, and a time when to is one");
      } else if (from.isAfter(to)) {
        parameters.wrong("from", "must not be after to");
      }
    }
    parameters.check();
    Moment earlier = Objects.requireNonNull(from);
    Moment later = Objects.requireNonNull(to);
    arrays.write(
        limit,
        new ListOfDifferences(log, caller.organization(), earlier, later, cursor),
        (last, size) ->
            "limit=%s&from=%s&to=%s&cursor=%s"
                .formatted(
                    size,
                    earlier,
                    later,
                    new Cursor(last.last().createdAt(), last.last().id()).encoded()),
        caller,
        request,
        response);
  }

  private static @Nullable Moment moment(
      RequestParameters parameters, HttpServletRequest request, String name) {
    if (request.getParameter(name) == null) parameters.wrong(name, "is required");
    return parameters.value(
        name,
        Moment::parse,
        "must be a position from 0 or an ISO 8601 time with an offset, such as"
            + " 2024-10-06T12:00:00Z");
  }
}
