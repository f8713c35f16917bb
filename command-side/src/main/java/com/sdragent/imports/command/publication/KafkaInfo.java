package com.sdragent.imports.command.publication;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.utils.AppInfoParser;
import org.springframework.boot.actuate.info.Info;
import org.springframework.boot.actuate.info.InfoContributor;

/**
 * Tells the versions of Kafka: that of the client, and the feature levels that the cluster has
 * finalized, since brokers do not name their versions. The cluster is asked once in a while.
 */
final class KafkaInfo implements InfoContributor {
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final Duration GOOD_FOR = Duration.ofMinutes(1);

  private final Map<String, Object> settings;
  private Map<String, Object> known = Map.of();
  private long until = System.nanoTime();

  /**
   * @param settings of a client of this Kafka
   */
  KafkaInfo(Map<String, Object> settings) {
    this.settings = new LinkedHashMap<>(settings);
    int patience = Math.toIntExact(PATIENCE.toMillis());
    this.settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, patience);
    this.settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, patience);
  }

  @Override
  public synchronized void contribute(Info.Builder info) {
    if (System.nanoTime() - until >= 0) {
      known = ask();
      until = System.nanoTime() + GOOD_FOR.toNanos();
    }
    info.withDetail("kafka", known);
  }

  private Map<String, Object> ask() {
    var told = new LinkedHashMap<String, Object>();
    told.put("client", AppInfoParser.getVersion());
    try (Admin admin = Admin.create(settings)) {
      admin
          .describeFeatures()
          .featureMetadata()
          .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
          .finalizedFeatures()
          .forEach((name, range) -> told.put(name, range.maxVersionLevel()));
    } catch (KafkaException | ExecutionException | TimeoutException e) {
      told.put("problem", "Kafka does not answer");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return told;
  }
}
