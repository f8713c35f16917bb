package com.sdragent.imports.command.web;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.sdragent.imports.access.Caller;
import com.sdragent.imports.access.admin.Trail;
import com.sdragent.imports.access.trail.Action;
import com.sdragent.imports.command.publication.parked.ParkedPublications;
import com.sdragent.imports.command.publication.parked.ParkedPublications.Answer;
import com.sdragent.imports.command.publication.parked.ParkedPublications.Waiting;
import com.sdragent.imports.web.ApiError;
import com.sdragent.imports.web.LinkedPage;
import com.sdragent.imports.web.RequestParameters;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.springframework.dao.DataAccessException;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** Shows operators the events that could not be published, and lets them retry or discard those. */
@RestController
class ParkedPublicationController {
  private static final String ALL = "/admin/publication/parked";
  private static final Duration LOOK = Duration.ofMillis(50);

  private final ParkedPublications parked;
  private final Duration answerWithin;
  private final Trail trail;

  /**
   * @param answerWithin how long the publishing node may take to do what is asked
   */
  ParkedPublicationController(ParkedPublications parked, Duration answerWithin, Trail trail) {
    this.parked = parked;
    this.trail = trail;
    this.answerWithin = answerWithin;
  }

  /** The outcome of a retry or a discard. */
  record Outcome(@JsonProperty("applied") long applied, @JsonProperty("parked") long parked) {}

  @GetMapping(
      path = {ALL, ALL + "/"},
      produces = MediaType.APPLICATION_JSON_VALUE)
  ResponseEntity<List<Waiting>> list(HttpServletRequest request) {
    var parameters = new RequestParameters(request);
    Integer asked = parameters.limit();
    Long cursor = parameters.numberedCursor();
    parameters.check();
    int limit = asked == null ? RequestParameters.LARGEST_PAGE : asked;
    return LinkedPage.answer(
        parked.waitingAfter(cursor == null ? 0 : cursor, limit + 1),
        limit,
        request,
        last -> "limit=%s&cursor=%s".formatted(limit, last.position()));
  }

  /** Tries the import's events again, up to the first that fails again. */
  @PostMapping(
      path = {ALL + "/{position}/retry", ALL + "/{position}/retry/"},
      produces = MediaType.APPLICATION_JSON_VALUE)
  Outcome retry(
      @PathVariable String position,
      @AuthenticationPrincipal Caller caller,
      HttpServletRequest request) {
    Waiting found = find(position);
    return trail.note(
        Action.PARKED_RETRY,
        target(found),
        caller,
        request,
        () -> {
          Waiting first = parked.firstOf(found.importId()).orElseThrow(this::notParked);
          return ask(first, false, caller);
        });
  }

  /** Leaves the event out for good, and publishes the events behind it. */
  @DeleteMapping(
      path = {ALL + "/{position}", ALL + "/{position}/"},
      produces = MediaType.APPLICATION_JSON_VALUE)
  Outcome discard(
      @PathVariable String position,
      @AuthenticationPrincipal Caller caller,
      HttpServletRequest request) {
    Waiting event = find(position);
    return trail.note(
        Action.PARKED_DISCARD,
        target(event),
        caller,
        request,
        () -> {
          if (event.error() == null) {
            throw ApiError.conflict(
                "This event waits behind another of its import and has not failed");
          }
          return ask(event, true, caller);
        });
  }

  private static String target(Waiting event) {
    return "publication/" + event.position();
  }

  private Waiting find(String position) {
    return RequestParameters.position(position).flatMap(parked::at).orElseThrow(this::notParked);
  }

  private ApiError notParked() {
    return ApiError.notFound("No event is parked at this position");
  }

  /** Notes the request and waits: whichever node publishes does it. */
  private Outcome ask(Waiting event, boolean discard, Caller caller) {
    Answer answer = answer(parked.ask(event.position(), discard, caller.actor()));
    if (answer.refused() != null) throw ApiError.conflict(answer.refused());
    return new Outcome(answer.applied(), parked.countOfImport(event.importId()));
  }

  /** A request that nobody waits for any more is taken back, for whatever reason. */
  private Answer answer(long request) {
    long begun = System.nanoTime();
    boolean stops = false;
    try {
      while (System.nanoTime() - begun < answerWithin.toNanos()) {
        Optional<Answer> answer = look(request);
        if (answer.isPresent()) return answer.get();
        Thread.sleep(LOOK);
      }
    } catch (InterruptedException e) {
      stops = true;
    }
    try {
      if (!parked.withdraw(request)) throw ApiError.outcomeUnknown();
    } finally {
      // Not before: an interrupted thread gets no connection.
      if (stops) Thread.currentThread().interrupt();
    }
    throw ApiError.unavailable(
        stops
            ? "This node stops, so nothing was done; try again"
            : "No node publishes now, so nothing was done; try again later");
  }

  private Optional<Answer> look(long request) {
    try {
      return parked.answer(request);
    } catch (DataAccessException e) {
      // The database may be back before the time is up.
      return Optional.empty();
    }
  }
}
