package com.sdragent.imports.command.domain;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How imports are cached and loaded.
 *
 * @param cacheSize how many imports a node keeps in memory as they were after their last event, of
 *     about a kilobyte each; 0 for none
 * @param eventsBetweenSnapshots after how many events an import's state is stored, so that it is
 *     never folded from more events than that
 * @param lockTimeout how long a command waits for earlier commands that change the same import on
 *     the same node
 */
@ConfigurationProperties("imports.aggregate")
record AggregateProperties(
    @DefaultValue("50000") int cacheSize,
    @DefaultValue("100") int eventsBetweenSnapshots,
    @DefaultValue("5s") Duration lockTimeout) {

  AggregateProperties {
    if (cacheSize < 0) {
      throw new IllegalArgumentException(
          "imports.aggregate.cache-size must not be negative: set it to a number such as 50000");
    }
    if (eventsBetweenSnapshots <= 0) {
      throw new IllegalArgumentException(
          "imports.aggregate.events-between-snapshots must be positive: set it to a number such as"
              + " 100");
    }
    if (lockTimeout.isNegative() || lockTimeout.isZero()) {
      throw new IllegalArgumentException(
          "imports.aggregate.lock-timeout must be positive: set it to a duration such as 5s");
    }
  }
}
