package com.sdragent.imports.query.history;

import com.sdragent.imports.access.Caller;
import com.sdragent.imports.access.Past;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.eventstore.VisibleLog;
import com.sdragent.imports.query.imports.ImportFilter;
import com.sdragent.imports.query.imports.ListRequest;
import com.sdragent.imports.query.imports.PastReads;
import com.sdragent.imports.query.web.JsonArrays;
import com.sdragent.imports.query.web.ReadingTurns;
import com.sdragent.imports.query.web.Recipient;
import com.sdragent.imports.web.ApiError;
import com.sdragent.imports.web.RequestParameters;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;

/** The past of imports, folded from the log up to and including the requested time. */
final class FoldedReads implements PastReads {
  private final VisibleLog log;
  private final ImportHistory history;
  private final ReadingTurns turns;
  private final JsonArrays arrays;

  FoldedReads(VisibleLog log, ReadingTurns turns, JsonArrays arrays) {
    this.log = log;
    this.history = new ImportHistory(log);
    this.turns = turns;
    this.arrays = arrays;
  }

  @Override
  public Active find(UUID id, Caller caller, HttpServletRequest request) {
    var parameters = new RequestParameters(request);
    Instant time = parameters.time(Past.PARAMETER);
    if (request.getParameter("wait") != null) parameters.wrong("wait", "cannot go with as_of");
    parameters.check();
    return turns
        .gather(
            1,
            history.asOf(caller.organization(), id, Objects.requireNonNull(time)),
            Recipient.of(request, caller))
        .stream()
        .findFirst()
        .orElseThrow(() -> ApiError.notFound("Import not found"));
  }

  @Override
  public void list(Caller caller, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    var parameters = new RequestParameters(request);
    ListRequest wanted = ListRequest.of(parameters, caller.organization());
    Instant asOf = parameters.time(Past.PARAMETER);
    parameters.check();
    Instant time = Objects.requireNonNull(asOf);
    ImportFilter filter = wanted.filter();
    arrays.write(
        wanted.limit(),
        new ListAsOf(log, filter, time, wanted.cursor()),
        (last, size) -> filter.nextPage(time, size, last),
        caller,
        request,
        response);
  }

  @Override
  public void count(Caller caller, HttpServletRequest request, HttpServletResponse response) {
    var parameters = new RequestParameters(request);
    ListRequest wanted = ListRequest.of(parameters, caller.organization());
    Instant asOf = parameters.time(Past.PARAMETER);
    parameters.check();
    arrays.writeCount(
        new ListAsOf(log, wanted.filter(), Objects.requireNonNull(asOf), null),
        caller,
        request,
        response);
  }
}
