package com.sdragent.imports.query.projection.admin;

import com.sdragent.imports.query.projection.Projections;
import com.sdragent.imports.query.projection.rebuild.RebuildStatus;
import com.sdragent.imports.query.projection.rebuild.RebuildWorkers;
import com.sdragent.imports.query.projection.rebuild.Rebuilds;
import com.sdragent.imports.web.ApiError;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Lets operators build a projection again. */
@RestController
@RequestMapping(
    path = {"/admin/projections/{name}/rebuild", "/admin/projections/{name}/rebuild/"},
    produces = MediaType.APPLICATION_JSON_VALUE)
class RebuildController {
  private final Projections projections;
  private final RebuildWorkers workers;

  RebuildController(Projections projections, RebuildWorkers workers) {
    this.projections = projections;
    this.workers = workers;
  }

  @PostMapping
  @ResponseStatus(HttpStatus.ACCEPTED)
  RebuildStatus start(@PathVariable String name) {
    Rebuilds rebuilds = of(name);
    if (!rebuilds.start()) throw ApiError.conflict("A rebuild is running");
    workers.wake();
    return status(rebuilds);
  }

  @GetMapping
  RebuildStatus status(@PathVariable String name) {
    return status(of(name));
  }

  @DeleteMapping
  RebuildStatus cancel(@PathVariable String name) {
    Rebuilds rebuilds = of(name);
    if (!rebuilds.cancel()) throw ApiError.notFound("No rebuild is running");
    return status(rebuilds);
  }

  private static RebuildStatus status(Rebuilds rebuilds) {
    RebuildStatus last = rebuilds.last();
    if (last == null) throw ApiError.notFound("The read model was never rebuilt");
    return last;
  }

  private Rebuilds of(String name) {
    return Rebuilds.of(NamedProjection.in(projections, name));
  }
}
