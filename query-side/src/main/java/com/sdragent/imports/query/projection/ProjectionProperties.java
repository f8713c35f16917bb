package com.sdragent.imports.query.projection;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How projections are kept and waited for.
 *
 * @param maxWait how long a GET waits for the projection to reach the events that were written
 *     before it
 * @param lookAgain how long a waiting GET, and the projector that it waits for, rest at most when
 *     nothing wakes them
 * @param batchSize the most events that a projection applies in one transaction
 * @param batchTime how long events gather for the next transaction when one has just ended and no
 *     request waits for them, or up to five times as long when transactions take long; the first
 *     event after a pause is applied at once
 */
@ConfigurationProperties("imports.query")
public record ProjectionProperties(
    @DefaultValue("1s") Duration maxWait,
    @DefaultValue("100ms") Duration lookAgain,
    @DefaultValue("2000") int batchSize,
    @DefaultValue("20ms") Duration batchTime) {

  public ProjectionProperties {
    require(
        !maxWait.isNegative(), "max-wait", "must not be negative: set it to a duration such as 1s");
    require(
        lookAgain.isPositive(),
        "look-again",
        "must be positive: set it to a duration such as 100ms");
    require(batchSize > 0, "batch-size", "must be positive: set it to a number such as 2000");
    require(
        !batchTime.isNegative() && batchTime.compareTo(Duration.ofSeconds(1)) <= 0,
        "batch-time",
        "must be between 0 and 1s: set it to a duration such as 20ms");
  }

  private static void require(boolean holds, String name, String message) {
    if (!holds) throw new IllegalArgumentException("imports.query." + name + " " + message);
  }
}
