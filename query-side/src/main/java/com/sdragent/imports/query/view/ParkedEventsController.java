package com.sdragent.imports.query.view;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.sdragent.imports.access.Caller;
import com.sdragent.imports.query.view.JsonArrays.Source;
import com.sdragent.imports.query.view.ParkedEvents.Parked;
import com.sdragent.imports.web.ApiError;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** For operators: what the read model could not take, and what to do about it. */
@RestController
class ParkedEventsController {
  private static final String ALL = "/admin/projections/imports/parked";

  private final ParkedEvents parked;
  private final ImportProjection projection;
  private final JsonArrays arrays;

  ParkedEventsController(ParkedEvents parked, ImportProjection projection, JsonArrays arrays) {
    this.parked = parked;
    this.projection = projection;
    this.arrays = arrays;
  }

  /** What became of it. */
  record Outcome(@JsonProperty("applied") int applied, @JsonProperty("parked") long parked) {}

  @GetMapping(
      path = {ALL, ALL + "/"},
      produces = MediaType.APPLICATION_JSON_VALUE)
  void list(
      @AuthenticationPrincipal Caller caller,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    var parameters = new RequestParameters(request);
    Integer limit = parameters.limit();
    Long cursor = parameters.numberedCursor();
    parameters.check();
    arrays.<Parked>write(
        limit,
        Source.following(
            (last, size) ->
                parked.after(last != null ? last.position() : cursor == null ? 0 : cursor, size)),
        (last, size) -> "limit=" + size + "&cursor=" + last.position(),
        caller,
        request,
        response);
  }

  /** Tries it again, and then those behind it, up to the first that fails anew. */
  @PostMapping(
      path = {ALL + "/{position}/retry", ALL + "/{position}/retry/"},
      produces = MediaType.APPLICATION_JSON_VALUE)
  Outcome retry(@PathVariable String position) {
    return retry(find(position).importId(), null);
  }

  /** Leaves it out for good, of rebuilds too, and tries those behind it. */
  @DeleteMapping(
      path = {ALL + "/{position}", ALL + "/{position}/"},
      produces = MediaType.APPLICATION_JSON_VALUE)
  Outcome discard(@PathVariable String position) {
    Parked event = find(position);
    if (event.error() == null) {
      throw ApiError.conflict("This event waits behind another of its import and has not failed");
    }
    return retry(event.importId(), event.position());
  }

  private Outcome retry(UUID importId, @Nullable Long discarded) {
    int applied = projection.retry(importId, discarded);
    return new Outcome(applied, parked.countOfImport(importId));
  }

  private Parked find(String position) {
    Parked event = RequestParameters.position(position).map(parked::at).orElse(null);
    if (event == null) throw ApiError.notFound("No event is parked at this position");
    return event;
  }
}
