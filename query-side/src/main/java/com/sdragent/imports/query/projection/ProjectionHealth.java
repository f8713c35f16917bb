package com.sdragent.imports.query.projection;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.dao.DataAccessException;

/** Tells how far a projection is and why it does not go on. */
final class ProjectionHealth implements HealthIndicator {
  private final Projector projector;

  ProjectionHealth(Projector projector) {
    this.projector = projector;
  }

  @Override
  public Health health() {
    String problem = projector.problem();
    RunningProjection<?> projection = projector.projection();
    Health.Builder health =
        problem == null ? Health.up() : Health.down().withDetail("problem", problem);
    try {
      Positions now = Positions.now(projection.jdbc(), projection.name());
      health.withDetail("head", now.head()).withDetail("position", now.projected());
      health.withDetail("parked", projection.parked().count());
    } catch (DataAccessException e) {
      health.down().withDetail("problem", "The database does not answer");
    }
    return health.build();
  }
}
