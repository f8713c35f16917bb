package com.sdragent.imports.query.projection.admin;

import com.sdragent.imports.access.Caller;
import com.sdragent.imports.access.admin.Trail;
import com.sdragent.imports.access.trail.Action;
import com.sdragent.imports.query.projection.Projections;
import com.sdragent.imports.query.projection.rebuild.RebuildStatus;
import com.sdragent.imports.query.projection.rebuild.Rebuilds;
import com.sdragent.imports.web.ApiError;
import com.sdragent.imports.web.LinkedPage;
import com.sdragent.imports.web.RequestParameters;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Lets operators build a projection again. */
@RestController
@RequestMapping(path = "/admin/projections/{name}", produces = MediaType.APPLICATION_JSON_VALUE)
class RebuildController {
  private static final int USUAL_PAGE = 100;

  private final Projections projections;
  private final Trail trail;

  RebuildController(Projections projections, Trail trail) {
    this.projections = projections;
    this.trail = trail;
  }

  @PostMapping({"/rebuild", "/rebuild/"})
  @ResponseStatus(HttpStatus.ACCEPTED)
  RebuildStatus start(
      @PathVariable String name,
      @AuthenticationPrincipal Caller caller,
      HttpServletRequest request) {
    Rebuilds rebuilds = of(name);
    return trail.note(
        Action.REBUILD_START,
        name,
        caller,
        request,
        () -> {
          if (!rebuilds.start()) throw ApiError.conflict("A rebuild is running");
          return status(rebuilds);
        });
  }

  @GetMapping({"/rebuild", "/rebuild/"})
  RebuildStatus status(@PathVariable String name) {
    return status(of(name));
  }

  /** All rebuilds of the projection, the latest first. */
  @GetMapping({"/rebuilds", "/rebuilds/"})
  ResponseEntity<List<RebuildStatus>> list(@PathVariable String name, HttpServletRequest request) {
    Rebuilds rebuilds = of(name);
    var parameters = new RequestParameters(request);
    Integer asked = parameters.limit();
    Long cursor = parameters.numberedCursor();
    parameters.check();
    int limit = asked == null ? USUAL_PAGE : asked;
    return LinkedPage.answer(
        rebuilds.latestBefore(cursor == null ? Long.MAX_VALUE : cursor, limit + 1),
        limit,
        request,
        last -> "limit=%s&cursor=%s".formatted(limit, last.id()));
  }

  @DeleteMapping({"/rebuild", "/rebuild/"})
  RebuildStatus cancel(
      @PathVariable String name,
      @AuthenticationPrincipal Caller caller,
      HttpServletRequest request) {
    Rebuilds rebuilds = of(name);
    return trail.note(
        Action.REBUILD_CANCEL,
        name,
        caller,
        request,
        () -> {
          if (!rebuilds.cancel()) throw ApiError.notFound("No rebuild is running");
          return status(rebuilds);
        });
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
