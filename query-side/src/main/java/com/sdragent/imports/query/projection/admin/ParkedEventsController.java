package com.sdragent.imports.query.projection.admin;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.sdragent.imports.access.Caller;
import com.sdragent.imports.access.admin.Trail;
import com.sdragent.imports.access.trail.Action;
import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.query.projection.ProjectionStoppedException;
import com.sdragent.imports.query.projection.Projections;
import com.sdragent.imports.query.projection.RunningProjection;
import com.sdragent.imports.query.projection.parked.ParkedEvents;
import com.sdragent.imports.query.projection.parked.ParkedEvents.Parked;
import com.sdragent.imports.query.web.JsonArrays;
import com.sdragent.imports.query.web.JsonArrays.Chunk;
import com.sdragent.imports.query.web.JsonArrays.Source;
import com.sdragent.imports.web.ApiError;
import com.sdragent.imports.web.RequestParameters;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Shows operators the events that a projection could not apply, and lets them retry or discard
 * those.
 */
@RestController
class ParkedEventsController {
  private static final String ALL = "/admin/projections/{name}/parked";

  private final Projections projections;
  private final TransactionTemplate transaction;
  private final EventLog log;
  private final int batchSize;
  private final JsonArrays arrays;
  private final Trail trail;

  /**
   * @param batchSize how many events are read at a time
   */
  ParkedEventsController(
      Projections projections,
      TransactionTemplate transaction,
      EventLog log,
      int batchSize,
      JsonArrays arrays,
      Trail trail) {
    this.projections = projections;
    this.transaction = transaction;
    this.log = log;
    this.batchSize = batchSize;
    this.arrays = arrays;
    this.trail = trail;
  }

  /** The outcome of a retry or a discard. */
  record Outcome(@JsonProperty("applied") int applied, @JsonProperty("parked") long parked) {}

  @GetMapping(
      path = {ALL, ALL + "/"},
      produces = MediaType.APPLICATION_JSON_VALUE)
  void list(
      @PathVariable String name,
      @AuthenticationPrincipal Caller caller,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    ParkedEvents parked = NamedProjection.in(projections, name).parked();
    var parameters = new RequestParameters(request);
    Integer limit = parameters.limit();
    Long cursor = parameters.numberedCursor();
    parameters.check();
    arrays.<Parked>write(
        limit,
        Source.direct(
            Source.following(
                (last, size) ->
                    Chunk.of(
                        parked.page(
                            last != null ? last.position() : cursor == null ? 0 : cursor, size),
                        size))),
        (last, size) -> "limit=" + size + "&cursor=" + last.position(),
        caller,
        request,
        response);
  }

  /** Tries the event again, and then those behind it, up to the first that fails again. */
  @PostMapping(
      path = {ALL + "/{position}/retry", ALL + "/{position}/retry/"},
      produces = MediaType.APPLICATION_JSON_VALUE)
  Outcome retry(
      @PathVariable String name,
      @PathVariable String position,
      @AuthenticationPrincipal Caller caller,
      HttpServletRequest request) {
    RunningProjection<?> projection = NamedProjection.in(projections, name);
    Parked event = find(projection, position);
    return trail.note(
        Action.PARKED_RETRY,
        target(projection, event),
        caller,
        request,
        () -> retry(projection, event.importId(), null));
  }

  /** Leaves the event out for good, of rebuilds too, and tries those behind it. */
  @DeleteMapping(
      path = {ALL + "/{position}", ALL + "/{position}/"},
      produces = MediaType.APPLICATION_JSON_VALUE)
  Outcome discard(
      @PathVariable String name,
      @PathVariable String position,
      @AuthenticationPrincipal Caller caller,
      HttpServletRequest request) {
    RunningProjection<?> projection = NamedProjection.in(projections, name);
    Parked event = find(projection, position);
    return trail.note(
        Action.PARKED_DISCARD,
        target(projection, event),
        caller,
        request,
        () -> {
          if (event.error() == null) {
            throw ApiError.conflict(
                "This event waits behind another of its import and has not failed");
          }
          return retry(projection, event.importId(), event.position());
        });
  }

  private static String target(RunningProjection<?> projection, Parked event) {
    return "projection/" + projection.name() + "/" + event.position();
  }

  private Outcome retry(RunningProjection<?> projection, UUID importId, @Nullable Long discarded) {
    try {
      int applied =
          new ParkedRetries<>(projection, transaction, log, batchSize)
              .retry(importId, discarded)
              .orElseThrow(() -> ApiError.conflict("A rebuild is running"));
      return new Outcome(applied, projection.parked().countOfImport(importId));
    } catch (ProjectionStoppedException e) {
      throw ApiError.unavailable("This node does not know all events of the import yet, try again");
    }
  }

  private static Parked find(RunningProjection<?> projection, String position) {
    Parked event = RequestParameters.position(position).map(projection.parked()::at).orElse(null);
    if (event == null) throw ApiError.notFound("No event is parked at this position");
    return event;
  }
}
