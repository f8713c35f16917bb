package com.sdragent.imports.command.web;

import com.sdragent.imports.access.Caller;
import com.sdragent.imports.access.admin.Trail;
import com.sdragent.imports.access.trail.Action;
import com.sdragent.imports.command.publication.RelayProperties;
import com.sdragent.imports.command.publication.replay.Replay;
import com.sdragent.imports.command.publication.replay.ReplayRequest;
import com.sdragent.imports.command.publication.replay.Replays;
import com.sdragent.imports.web.ApiError;
import com.sdragent.imports.web.LinkedPage;
import com.sdragent.imports.web.RequestParameters;
import com.sdragent.imports.web.StrictUuid;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.UUID;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Lets operators have events published again, into a topic of their own. */
@RestController
class ReplayController {
  private static final int USUAL_PAGE = 100;

  private final Replays replays;
  private final RelayProperties relay;
  private final int fastest;
  private final Trail trail;

  ReplayController(Replays replays, RelayProperties relay, int fastest, Trail trail) {
    this.replays = replays;
    this.trail = trail;
    this.relay = relay;
    this.fastest = fastest;
  }

  @PostMapping(
      path = {"/admin/replays", "/admin/replays/"},
      consumes = MediaType.APPLICATION_JSON_VALUE,
      produces = MediaType.APPLICATION_JSON_VALUE)
  ResponseEntity<Replay> start(
      @RequestBody JsonNode body, @AuthenticationPrincipal Caller caller, HttpServletRequest http) {
    ReplayRequest request = ReplayRequestFields.read(body, fastest);
    if (relay.writes(request.target())) {
      throw ApiError.badRequest("The service publishes to " + request.target() + " itself");
    }
    Replay replay =
        trail.note(
            Action.REPLAY_START,
            request.target(),
            caller,
            http,
            () ->
                replays
                    .start(request)
                    .orElseThrow(
                        () ->
                            ApiError.conflict(
                                "A replay into " + request.target() + " is running")));
    return ResponseEntity.accepted()
        .header(HttpHeaders.LOCATION, http.getContextPath() + "/admin/replays/" + replay.id())
        .body(replay);
  }

  /** All replays, the latest first. */
  @GetMapping(
      path = {"/admin/replays", "/admin/replays/"},
      produces = MediaType.APPLICATION_JSON_VALUE)
  ResponseEntity<List<Replay>> list(HttpServletRequest http) {
    var parameters = new RequestParameters(http);
    Integer asked = parameters.limit();
    UUID cursor = parameters.cursor(StrictUuid::parse);
    parameters.check();
    int limit = asked == null ? USUAL_PAGE : asked;
    return LinkedPage.answer(
        replays.latestBefore(cursor, limit + 1),
        limit,
        http,
        last -> "limit=%s&cursor=%s".formatted(limit, last.id()));
  }

  @GetMapping(
      path = {"/admin/replays/{id}", "/admin/replays/{id}/"},
      produces = MediaType.APPLICATION_JSON_VALUE)
  Replay get(@PathVariable UUID id) {
    return replays.find(id).orElseThrow(ReplayController::notFound);
  }

  @DeleteMapping(
      path = {"/admin/replays/{id}", "/admin/replays/{id}/"},
      produces = MediaType.APPLICATION_JSON_VALUE)
  Replay cancel(
      @PathVariable UUID id, @AuthenticationPrincipal Caller caller, HttpServletRequest http) {
    return trail.note(
        Action.REPLAY_CANCEL,
        id.toString(),
        caller,
        http,
        () -> replays.cancel(id).orElseThrow(ReplayController::notFound));
  }

  private static ApiError notFound() {
    return ApiError.notFound("Replay not found");
  }
}
