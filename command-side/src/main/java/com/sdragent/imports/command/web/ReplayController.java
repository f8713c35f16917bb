package com.sdragent.imports.command.web;

import com.sdragent.imports.command.publication.RelayProperties;
import com.sdragent.imports.command.publication.replay.Replay;
import com.sdragent.imports.command.publication.replay.ReplayRequest;
import com.sdragent.imports.command.publication.replay.Replays;
import com.sdragent.imports.web.ApiError;
import jakarta.servlet.http.HttpServletRequest;
import java.util.UUID;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
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
  private final Replays replays;
  private final RelayProperties relay;
  private final int fastest;

  ReplayController(Replays replays, RelayProperties relay, int fastest) {
    this.replays = replays;
    this.relay = relay;
    this.fastest = fastest;
  }

  @PostMapping(
      path = {"/admin/replays", "/admin/replays/"},
      consumes = MediaType.APPLICATION_JSON_VALUE,
      produces = MediaType.APPLICATION_JSON_VALUE)
  ResponseEntity<Replay> start(@RequestBody JsonNode body, HttpServletRequest http) {
    ReplayRequest request = ReplayRequestFields.read(body, fastest);
    if (relay.writes(request.target())) {
      throw ApiError.badRequest("The service publishes to " + request.target() + " itself");
    }
    Replay replay =
        replays
            .start(request)
            .orElseThrow(
                () -> ApiError.conflict("A replay into " + request.target() + " is running"));
    return ResponseEntity.accepted()
        .header(HttpHeaders.LOCATION, http.getContextPath() + "/admin/replays/" + replay.id())
        .body(replay);
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
  Replay cancel(@PathVariable UUID id) {
    return replays.cancel(id).orElseThrow(ReplayController::notFound);
  }

  private static ApiError notFound() {
    return ApiError.notFound("Replay not found");
  }
}
