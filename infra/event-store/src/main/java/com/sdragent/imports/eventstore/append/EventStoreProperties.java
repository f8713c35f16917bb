package com.sdragent.imports.eventstore.append;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How the event store appends and reads.
 *
 * @param appendTimeout how long a command waits for its events to be stored, including the appends
 *     of other nodes, before it is told that nothing was stored or that the outcome is not known
 * @param statementTimeout how long PostgreSQL may work on one batch, once its turn has come;
 *     shorter than appendTimeout, so that a slow statement can be followed by another
 * @param batchSize the most events that one transaction stores
 * @param gatherTime how long a batch waits for other commands, when several have lately come at the
 *     same time, or up to five times as long when batches take long; 0 for not at all
 * @param queueCapacity how many commands may wait for the appender; one more is refused at once
 * @param queueCapacityPerOrganization how many of them may be of one organization
 * @param readBatchSize how many events one statement reads
 */
@ConfigurationProperties("imports.event-store")
public record EventStoreProperties(
    @DefaultValue("5s") Duration appendTimeout,
    @DefaultValue("2s") Duration statementTimeout,
    @DefaultValue("1000") int batchSize,
    @DefaultValue("2ms") Duration gatherTime,
    @DefaultValue("4000") int queueCapacity,
    @DefaultValue("1000") int queueCapacityPerOrganization,
    @DefaultValue("1000") int readBatchSize) {

  public EventStoreProperties {
    positive("append-timeout", appendTimeout.toMillis(), "a duration such as 5s");
    positive("statement-timeout", statementTimeout.toMillis(), "a duration such as 2s");
    if (statementTimeout.compareTo(appendTimeout) > 0) {
      throw new IllegalArgumentException(
          "imports.event-store.statement-timeout is longer than imports.event-store.append-timeout:"
              + " set it to at most "
              + appendTimeout.toMillis()
              + "ms");
    }
    positive("batch-size", batchSize, "a number such as 1000");
    if (gatherTime.isNegative() || gatherTime.compareTo(Duration.ofMillis(100)) > 0) {
      throw new IllegalArgumentException(
          "imports.event-store.gather-time must be between 0 and 100ms: set it to a duration such"
              + " as 2ms");
    }
    positive("queue-capacity", queueCapacity, "a number such as 4000");
    positive(
        "queue-capacity-per-organization", queueCapacityPerOrganization, "a number such as 1000");
    positive("read-batch-size", readBatchSize, "a number such as 1000");
  }

  private static void positive(String name, long value, String example) {
    if (value > 0) return;
    throw new IllegalArgumentException(
        "imports.event-store." + name + " must be positive: set it to " + example);
  }
}
