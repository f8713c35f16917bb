package com.sdragent.imports.command.publication.replay;

import com.sdragent.imports.command.publication.RelayProperties;
import com.sdragent.imports.command.publication.kafka.PublicationStoppedException;
import com.sdragent.imports.command.publication.kafka.TopicAdmin;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The topics that private replays fill. They are made when they are missing, like those of the
 * relay.
 */
final class ReplayTarget {
  private final RelayProperties properties;
  private final Map<String, Object> client;

  ReplayTarget(RelayProperties properties, Map<String, Object> client) {
    this.properties = properties;
    this.client = client;
  }

  /**
   * Makes sure that the target of a replay exists.
   *
   * @param partitions how many partitions it had when the replay began; null before that
   * @return how many partitions it has
   * @throws PublicationStoppedException when it is not the one that the replay began with
   */
  int prepare(String target, @Nullable Integer partitions)
      throws InterruptedException, ExecutionException, TimeoutException {
    try (var admin = new TopicAdmin(client, properties.timeout())) {
      Set<String> present = admin.names();
      boolean missing = !present.contains(target);
      if (missing && partitions == null) {
        requireNoCollision(target, present);
        admin.create(
            List.of(
                admin.topic(
                    target, properties.partitions(), properties.replicationFactor(), Map.of())));
      } else if (missing) {
        throw new PublicationStoppedException(
            "The topic %s was deleted during the replay: ask for it again".formatted(target));
      }
      int now = admin.partitions(target);
      if (partitions != null && now != partitions) {
        throw new PublicationStoppedException(
            "The topic %s had %s partitions when the replay began and has %s now: the events of one import would lie in two of them. Ask for it again with another target"
                .formatted(target, partitions, now));
      }
      return now;
    }
  }

  /**
   * Refuses a collision of names: in Kafka's metrics, . and _ are the same, so it refuses a second
   * such topic.
   */
  private static void requireNoCollision(String target, Set<String> present) {
    for (String name : present) {
      if (!name.replace('.', '_').equals(target.replace('.', '_'))) continue;
      throw new PublicationStoppedException(
          "Kafka refuses the name %s: it differs from that of the topic %s by . and _ only. Ask for the replay again with another target"
              .formatted(target, name));
    }
  }
}
