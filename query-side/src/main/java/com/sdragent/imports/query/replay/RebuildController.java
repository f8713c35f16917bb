package com.sdragent.imports.query.replay;

import com.sdragent.imports.web.ApiError;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** For operators: building the read model anew. */
@RestController
@RequestMapping(
    path = {"/admin/projections/imports/rebuild", "/admin/projections/imports/rebuild/"},
    produces = MediaType.APPLICATION_JSON_VALUE)
class RebuildController {
  private final Rebuilds rebuilds;
  private final RebuildWorker worker;

  RebuildController(Rebuilds rebuilds, RebuildWorker worker) {
    this.rebuilds = rebuilds;
    this.worker = worker;
  }

  @PostMapping
  @ResponseStatus(HttpStatus.ACCEPTED)
  RebuildStatus start() {
    rebuilds.start();
    worker.wake();
    return status();
  }

  @GetMapping
  RebuildStatus status() {
    RebuildStatus last = rebuilds.last();
    if (last == null) throw ApiError.notFound("The read model was never rebuilt");
    return last;
  }

  @DeleteMapping
  RebuildStatus cancel() {
    rebuilds.cancel();
    return status();
  }
}
