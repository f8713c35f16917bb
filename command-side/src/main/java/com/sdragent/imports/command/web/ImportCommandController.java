package com.sdragent.imports.command.web;

import static org.springframework.http.HttpHeaders.ETAG;
import static org.springframework.http.HttpHeaders.LOCATION;
import static org.springframework.http.MediaType.APPLICATION_JSON_VALUE;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.sdragent.imports.access.Caller;
import com.sdragent.imports.command.domain.CreateImport;
import com.sdragent.imports.command.domain.DecidedImport;
import com.sdragent.imports.command.domain.DeleteImport;
import com.sdragent.imports.command.domain.ImportCommand;
import com.sdragent.imports.command.domain.UpdateImport;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.eventstore.append.AnsweredBeforeException;
import com.sdragent.imports.web.IdempotencyKey;
import com.sdragent.imports.web.Preconditions;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/** The writing half of the Imports API. Every answer is given after the change is durable. */
@RestController
class ImportCommandController {
  private final ImportCommands commands;
  private final Supplier<UUID> ids;
  private final Clock clock;
  private final JsonMapper json;

  ImportCommandController(
      ImportCommands commands, Supplier<UUID> ids, Clock clock, JsonMapper json) {
    this.commands = commands;
    this.ids = ids;
    this.clock = clock;
    this.json = json;
  }

  @PostMapping(
      path = {"/imports", "/imports/"},
      consumes = APPLICATION_JSON_VALUE,
      produces = APPLICATION_JSON_VALUE)
  Active create(
      @RequestBody ImportRequest.Create body,
      @AuthenticationPrincipal Caller caller,
      HttpServletRequest request,
      HttpServletResponse response) {
    UUID id = ids.get();
    var command =
        new CreateImport(
            id,
            caller.organization(),
            body.campaignId(),
            body.source(),
            body.fileName(),
            body.status(),
            body.totalRows(),
            clock.instant());
    String location = request.getContextPath() + "/imports/" + id;
    return decided(
        command, HttpStatus.CREATED, Map.of(LOCATION, location), caller, request, response);
  }

  @PutMapping(
      path = {"/imports/{id}", "/imports/{id}/"},
      consumes = APPLICATION_JSON_VALUE,
      produces = APPLICATION_JSON_VALUE)
  Active update(
      @PathVariable UUID id,
      @RequestBody ImportRequest.Update body,
      @AuthenticationPrincipal Caller caller,
      HttpServletRequest request,
      HttpServletResponse response) {
    var command =
        new UpdateImport(
            id,
            caller.organization(),
            body.campaignId(),
            body.source(),
            body.fileName(),
            body.status(),
            body.totalRows(),
            clock.instant(),
            Preconditions.of(request)::allowChange);
    return decided(command, HttpStatus.OK, Map.of(), caller, request, response);
  }

  /** A PUT under the name that RFC 5789 has for it. */
  @PatchMapping(
      path = {"/imports/{id}", "/imports/{id}/"},
      consumes = ImportRequestReader.MERGE_PATCH,
      produces = APPLICATION_JSON_VALUE)
  Active patch(
      @PathVariable UUID id,
      @RequestBody ImportRequest.Update body,
      @AuthenticationPrincipal Caller caller,
      HttpServletRequest request,
      HttpServletResponse response) {
    return update(id, body, caller, request, response);
  }

  @DeleteMapping(
      path = {"/imports/{id}", "/imports/{id}/"},
      produces = APPLICATION_JSON_VALUE)
  DeletedImport delete(
      @PathVariable UUID id, @AuthenticationPrincipal Caller caller, HttpServletRequest request) {
    var command =
        new DeleteImport(
            id, caller.organization(), clock.instant(), Preconditions.of(request)::allowChange);
    var deleted = new DeletedImport("Import " + id + " eliminado");
    commands.send(command, caller, request, () -> answer(HttpStatus.OK, Map.of(), deleted));
    return deleted;
  }

  /** The import as the command leaves it; the same is kept for a request that is sent again. */
  private Active decided(
      ImportCommand command,
      HttpStatus status,
      Map<String, String> headers,
      Caller caller,
      HttpServletRequest request,
      HttpServletResponse response) {
    DecidedImport decided =
        commands.send(
            command,
            caller,
            request,
            done -> {
              var kept = new HashMap<>(headers);
              kept.put(ETAG, Preconditions.tag(done.sequence()));
              return answer(status, kept, done.state());
            });
    Preconditions.tell(response, decided.sequence());
    headers.forEach(response::setHeader);
    response.setStatus(status.value());
    return decided.state();
  }

  /** What is kept of an answer, if its request may be sent again. */
  private FirstAnswer answer(HttpStatus status, Map<String, String> headers, Object body) {
    return new FirstAnswer(status.value(), headers, json.writeValueAsString(body));
  }

  /** Answers a request that was answered before as it was then. */
  @ExceptionHandler
  void answerAgain(AnsweredBeforeException before, HttpServletResponse response)
      throws IOException {
    response.setHeader(IdempotencyKey.REPLAYED, "true");
    FirstAnswer.of(before.answer()).write(response);
  }

  /** The published answer of DELETE. */
  record DeletedImport(@JsonProperty("message") String message) {}
}
