package com.sdragent.imports.command.publication.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerConfig;

/** A producer that gives up in time, and that fences all others of its transactional id. */
public final class TransactionalProducer {
  private TransactionalProducer() {}

  /**
   * The settings that such a producer is made with.
   *
   * @param given the settings under {@code spring.kafka}
   * @param timeout how long one call may take
   */
  public static Map<String, Object> settings(
      Map<String, Object> given, Duration timeout, String transactionalId) {
    int millis = (int) timeout.toMillis();
    var settings = new HashMap<>(given);
    settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    settings.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, millis);
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, millis);
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, millis);
    settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, Math.max(500, millis / 3));
    // A commit sends what has gathered without waiting any longer, so a transaction is one request
    // as long as its batches have room for it.
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 100);
    // While Kafka still ends the last transaction it refuses the first request of the next, and
    // would refuse one right behind it as out of order.
    settings.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
    // A change in the number of partitions is noticed after this time at the latest.
    settings.put(ProducerConfig.METADATA_MAX_AGE_CONFIG, 2000);
    return settings;
  }
}
