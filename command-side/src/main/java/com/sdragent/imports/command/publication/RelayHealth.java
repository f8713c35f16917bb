package com.sdragent.imports.command.publication;

import com.sdragent.imports.command.publication.Relay.Progress;
import com.sdragent.imports.command.publication.parked.ParkedPublications;
import java.util.Locale;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.dao.DataAccessException;

/**
 * Tells whether events reach Kafka. It is not part of readiness, because commands are served
 * without Kafka.
 */
final class RelayHealth implements HealthIndicator {
  private final Relay relay;
  private final ParkedPublications parked;

  RelayHealth(Relay relay, ParkedPublications parked) {
    this.relay = relay;
    this.parked = parked;
  }

  @Override
  public Health health() {
    Progress progress = relay.progress();
    Health.Builder health =
        switch (progress.status()) {
          case ACTIVE, STANDBY -> Health.up();
          case WAITING, STOPPED -> Health.down();
        };
    health.withDetail("relay", progress.status().name().toLowerCase(Locale.ROOT));
    if (progress.position() >= 0) health.withDetail("position", progress.position());
    if (progress.problem() != null) health.withDetail("problem", progress.problem());
    try {
      health.withDetail("parked", parked.count());
    } catch (DataAccessException e) {
      // Another health indicator tells whether the database answers.
    }
    return health.build();
  }
}
