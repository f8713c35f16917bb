package com.sdragent.imports.query.projection.admin;

import com.sdragent.imports.query.projection.Projections;
import com.sdragent.imports.query.projection.RunningProjection;
import com.sdragent.imports.web.ApiError;

/** The projection that a path names. */
final class NamedProjection {
  private NamedProjection() {}

  /**
   * The projection with this name.
   *
   * @throws ApiError 404, when there is none
   */
  static RunningProjection<?> in(Projections projections, String name) {
    return projections
        .named(name)
        .orElseThrow(() -> ApiError.notFound("There is no projection of this name"));
  }
}
