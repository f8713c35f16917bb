package com.sdragent.imports.command.publication;

import com.sdragent.imports.command.publication.Relay.Progress;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** Tells whether events reach Kafka. No part of readiness: commands are served without Kafka. */
final class RelayHealth implements HealthIndicator {
  private final Relay relay;

  RelayHealth(Relay relay) {
    this.relay = relay;
  }

  @Override
  public Health health() {
    Progress progress = relay.progress();
    Health.Builder health =
        switch (progress.status()) {
          case ACTIVE, STANDBY -> Health.up();
          case WAITING, STOPPED -> Health.down();
        };
    health.withDetail("relay", progress.status().name().toLowerCase(java.util.Locale.ROOT));
    if (progress.position() >= 0) health.withDetail("position", progress.position());
    if (progress.problem() != null) health.withDetail("problem", progress.problem());
    return health.build();
  }
}
