package com.sdragent.imports.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.testservers.CommittedRecords;
import com.sdragent.imports.testservers.GeneratedEvents;
import com.sdragent.imports.testservers.ServiceProcess;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The node that publishes dies or freezes; another goes on. */
class TakeOverIT {
  /** So long Kafka would leave the transaction of a frozen node open. */
  private static final Duration TRANSACTION = Duration.ofSeconds(50);

  @Test
  void a_frozen_relay_and_a_killed_replay_are_taken_over_and_publish_every_event_once()
      throws Exception {
    var impatient =
        Map.of(
            "imports.relay.lease", "2s",
            "imports.replay.lease", "2s",
            "imports.relay.timeout", TRANSACTION.toSeconds() + "s");
    try (var cluster = new Cluster(2, 0, impatient);
        var client = new ImportsClient(Cluster.KEY, 8)) {
      freeze(cluster, client, Duration.ZERO);
      GeneratedEvents.append(cluster.database, Cluster.ORGANIZATION, 1000, 4);
      killDuringReplay(cluster);
    }
  }

  @Test
  @Tag("soak")
  void a_minute_of_frost_leaves_no_duplicate_and_no_gap() throws Exception {
    try (var cluster =
            new Cluster(2, 0, Map.of("imports.relay.timeout", TRANSACTION.toSeconds() + "s"));
        var client = new ImportsClient(Cluster.KEY, 8)) {
      freeze(cluster, client, Duration.ofMinutes(1));
    }
  }

  @Test
  @Tag("soak")
  void a_replay_of_a_hundred_thousand_events_that_is_killed_in_the_middle_ends_complete()
      throws Exception {
    try (var cluster = new Cluster(1, 0, Map.of())) {
      GeneratedEvents.append(cluster.database, Cluster.ORGANIZATION, 25_000, 4);
      killDuringReplay(cluster);
    }
  }

  /** The node that publishes stands still under load, at least until another has gone on. */
  private static void freeze(Cluster cluster, ImportsClient client, Duration frost)
      throws Exception {
    var nodes = new PublishingNodes(cluster, client);
    Duration takenOver;
    try (var _ = nodes.new Load(4, Duration.ofMillis(2))) {
      int active = nodes.awaitActive();
      ServiceProcess frozen = cluster.commandNodes.get(active);
      frozen.signal("STOP");
      long begun = System.nanoTime();
      try {
        nodes.awaitActiveBut(active);
        takenOver = Duration.ofNanos(System.nanoTime() - begun);
        PublishingNodes.pause(frost.minus(takenOver));
      } finally {
        frozen.signal("CONT");
      }
      nodes.awaitOneActive();
    }
    assertThat(takenOver).isLessThan(TRANSACTION);
    var audit = cluster.audit();
    int events = audit.assertStoreHasNoGap().size();
    audit.assertTopicHoldsEveryEventOnceAndInOrder();
    CommittedRecords.of(cluster.kafka(), cluster.eventsTopic, events, Duration.ofSeconds(30));
    System.out.printf(
        "Relay frozen for %s s: taken over within %s ms; %,d events, each once and in order%n",
        frost.toSeconds(), takenOver.toMillis(), events);
  }

  /** The node at it is killed with -9; another goes on, or the same one once it is back. */
  private static void killDuringReplay(Cluster cluster) throws Exception {
    List<Audit.Stored> stored = cluster.audit().assertStoreHasNoGap();
    String target = "imports.replay." + UUID.randomUUID();
    JsonNode ended;
    try (var operator = new ImportsClient(Cluster.OPERATOR_KEY, 1)) {
      var asked =
          operator.send(
              "POST",
              cluster.commandNodes.getLast().url() + "/admin/replays",
              "{\"target\":\"%s\",\"events_per_second\":%s}"
                  .formatted(target, Math.min(5000, 1 + stored.size() / 4)));
      assertThat(asked.status()).as(asked.body()).isEqualTo(202);
      String id = asked.json().get("id").stringValue();
      // So a slow machine has several seconds until the replay ends.
      long part = stored.size() / 10;
      Audit.await("a part", () -> replay(operator, cluster, id).get("events").longValue() >= part);
      ServiceProcess atIt =
          cluster.commandNodes.stream()
              .filter(node -> beginnings(node, id).findAny().isPresent())
              .findFirst()
              .orElseThrow();
      atIt.kill();
      cluster.commandNodes.remove(atIt);
      if (cluster.commandNodes.isEmpty()) {
        cluster.commandNodes.add(cluster.startCommandSide().awaitReady());
      }
      Audit.await(
          "the end",
          () -> !replay(operator, cluster, id).get("state").stringValue().equals("running"));
      ended = replay(operator, cluster, id);
    }
    assertThat(ended.get("state").stringValue()).as(ended.toString()).isEqualTo("completed");
    assertThat(ended.get("events").longValue()).isEqualTo(stored.size());
    assertThat(beginnings(cluster.commandNodes.getLast(), ended.get("id").stringValue()))
        .as("where another went on")
        .last()
        .asInstanceOf(InstanceOfAssertFactories.LONG)
        .isBetween(1L, stored.size() - 1L);
    cluster.audit(target).assertTopicHoldsEveryEventOnceAndInOrder();
    // Nobody else has seen anything of it.
    cluster.audit().assertTopicHoldsEveryEventOnceAndInOrder();
    System.out.printf(
        "Replay of %,d events killed after a part: complete, each once and in order%n",
        stored.size());
  }

  /** The positions at which this node began with a replay, or went on with it. */
  private static Stream<Long> beginnings(ServiceProcess node, String replay) {
    return Pattern.compile("Replay " + replay + " into \\S+ goes on at position (\\d+)")
        .matcher(node.output())
        .results()
        .map(found -> Long.valueOf(found.group(1)));
  }

  private static JsonNode replay(ImportsClient operator, Cluster cluster, String id) {
    return operator
        .send("GET", cluster.commandNodes.getLast().url() + "/admin/replays/" + id, null)
        .json();
  }
}
