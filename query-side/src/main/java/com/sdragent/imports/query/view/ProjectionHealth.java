package com.sdragent.imports.query.view;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.dao.DataAccessException;

/** Tells how far the read model is and why it does not go on. */
final class ProjectionHealth implements HealthIndicator {
  private final Projector projector;
  private final ImportReads reads;
  private final ParkedEvents parked;

  ProjectionHealth(Projector projector, ImportReads reads, ParkedEvents parked) {
    this.parked = parked;
    this.projector = projector;
    this.reads = reads;
  }

  @Override
  public Health health() {
    String problem = projector.problem();
    Health.Builder health =
        problem == null ? Health.up() : Health.down().withDetail("problem", problem);
    try {
      ImportReads.Positions positions = reads.positions();
      health.withDetail("head", positions.head()).withDetail("position", positions.projected());
      health.withDetail("parked", parked.count());
    } catch (DataAccessException e) {
      health.down().withDetail("problem", "The database does not answer");
    }
    return health.build();
  }
}
