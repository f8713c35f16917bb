package com.sdragent.imports.command.publication.replay;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How private replays run.
 *
 * @param enabled whether this node takes part in replays that were asked for
 * @param eventsPerSecond the most events that one replay publishes in a second
 * @param batchSize the most events that one Kafka transaction of a replay publishes
 * @param lease how long a node may show no sign of life before another node goes on with its replay
 */
@ConfigurationProperties("imports.replay")
public record ReplayProperties(
    @DefaultValue("true") boolean enabled,
    @DefaultValue("5000") int eventsPerSecond,
    @DefaultValue("500") int batchSize,
    @DefaultValue("5s") Duration lease) {

  public ReplayProperties {
    require(
        eventsPerSecond > 0,
        "events-per-second",
        "must be positive: set it to a number such as 5000");
    require(batchSize > 0, "batch-size", "must be positive: set it to a number such as 500");
    require(
        lease.compareTo(Duration.ofSeconds(1)) >= 0,
        "lease",
        "is too short to be kept: set it to 1s or more");
  }

  private static void require(boolean holds, String name, String message) {
    if (!holds) throw new IllegalArgumentException("imports.replay." + name + " " + message);
  }
}
