package com.sdragent.imports.query.projection.admin;

import com.sdragent.imports.query.projection.ProjectionStatus;
import com.sdragent.imports.query.projection.ProjectionStatuses;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Shows operators how far the projections are. */
@RestController
class ProjectionStatusController {
  private final ProjectionStatuses statuses;

  ProjectionStatusController(ProjectionStatuses statuses) {
    this.statuses = statuses;
  }

  @GetMapping(
      path = {"/admin/projections", "/admin/projections/"},
      produces = MediaType.APPLICATION_JSON_VALUE)
  ProjectionStatus.All now() {
    return statuses.now();
  }
}
