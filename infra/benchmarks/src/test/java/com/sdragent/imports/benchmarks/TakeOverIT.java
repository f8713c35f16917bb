package com.sdragent.imports.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.testservers.CommittedRecords;
import com.sdragent.imports.testservers.TestKafka;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The node that publishes dies or freezes; another goes on. */
class TakeOverIT {
  private static final Duration TAKE_OVER = Duration.ofSeconds(10);

  @Test
  @Tag("soak")
  void a_killed_and_a_frozen_relay_and_a_killed_replay_are_taken_over_and_publish_every_event_once()
      throws Exception {
    try (var cluster = new Cluster(2, 0, Map.of());
        var client = new ImportsClient(Cluster.KEY, 4)) {
      killAndFreeze(cluster, client, 1, Duration.ofSeconds(7));
      killDuringReplay(cluster);
    }
  }

  @Test
  @Tag("soak")
  void ten_kills_and_a_minute_of_frost_leave_no_duplicate_and_no_gap() throws Exception {
    try (var cluster = new Cluster(2, 0, Map.of());
        var client = new ImportsClient(Cluster.KEY, 4)) {
      killAndFreeze(cluster, client, 10, Duration.ofMinutes(1));
    }
  }

  @Test
  @Tag("soak")
  void a_replay_of_a_hundred_thousand_events_that_is_killed_in_the_middle_ends_complete()
      throws Exception {
    try (var cluster = new Cluster(1, 0, Map.of());
        var client = new ImportsClient(Cluster.KEY, 16)) {
      Clients.act(
          16,
          number -> {
            for (int i = 0; i < 625; i++) {
              var created = client.send("POST", cluster.commands(0), "{\"source\":\"csv_upload\"}");
              String url = cluster.commands(0) + created.json().get("id").stringValue();
              for (int rows = 1; rows < 10; rows++) {
                client.send("PUT", url, "{\"total_rows\":" + rows + "}");
              }
            }
            return number;
          });
      assertThat(cluster.audit().theStoreHasNoGap()).hasSize(100_000);
      killDuringReplay(cluster);
    }
  }

  private static void killAndFreeze(
      Cluster cluster, ImportsClient client, int kills, Duration frost) throws Exception {
    var done = new AtomicBoolean();
    var load = CompletableFuture.runAsync(() -> write(client, cluster, done));

    Duration longest = Duration.ZERO;
    for (int kill = 0; kill < kills; kill++) {
      int active = awaitActive(client, cluster, -1);
      cluster.commandNodes.get(active).kill();
      longest = longer(longest, timed(() -> awaitActive(client, cluster, active)));
      cluster.commandNodes.set(active, cluster.startCommandSide().awaitReady());
    }

    int active = awaitActive(client, cluster, -1);
    ServiceProcess frozen = cluster.commandNodes.get(active);
    frozen.signal("STOP");
    long begun = System.nanoTime();
    try {
      longest = longer(longest, timed(() -> awaitActive(client, cluster, active)));
      Audit.await(
          "the frost is over", () -> System.nanoTime() - begun > frost.toNanos() || done.get());
    } finally {
      frozen.signal("CONT");
    }
    awaitStatus(client, cluster, active, "standby");
    done.set(true);
    load.get();

    assertThat(longest).isLessThan(TAKE_OVER);
    var audit = cluster.audit();
    audit.theStoreHasNoGap();
    audit.theTopicHoldsEveryEventOnceAndInOrder();
    System.out.printf(
        "Relay killed %d times and frozen for %d s: %,d events once and in order, taken over"
            + " within %d ms%n",
        kills, frost.toSeconds(), audit.stored().size(), longest.toMillis());
    assertThat(
            CommittedRecords.of(
                TestKafka.bootstrapServers(), cluster.eventsTopic, 1, Duration.ofSeconds(30)))
        .hasSameSizeAs(audit.stored());
  }

  /** All nodes die in the middle of a replay, and one comes back. */
  private static void killDuringReplay(Cluster cluster) throws Exception {
    List<Audit.Stored> stored = cluster.audit().theStoreHasNoGap();
    String target = "imports.replay." + UUID.randomUUID();
    try (var operator = new ImportsClient(Cluster.OPERATOR_KEY, 1)) {
      var asked =
          operator.send(
              "POST",
              cluster.commandNodes.getFirst().url() + "/admin/replays",
              "{\"target\":\"%s\",\"events_per_second\":%d}"
                  .formatted(target, Math.min(5000, 1 + stored.size() / 5)));
      assertThat(asked.status()).as(asked.body()).isEqualTo(202);
      String id = asked.json().get("id").stringValue();
      long half = stored.size() / 2;
      Audit.await("half", () -> replay(operator, cluster, id).get("events").longValue() >= half);
      for (ServiceProcess node : cluster.commandNodes) node.kill();
      assertThat(
              CommittedRecords.of(TestKafka.bootstrapServers(), target, 1, Duration.ofSeconds(30)))
          .hasSizeBetween(1, stored.size() - 1);
      cluster.commandNodes.set(0, cluster.startCommandSide().awaitReady());
      Audit.await(
          "the end",
          () -> !replay(operator, cluster, id).get("state").stringValue().equals("running"));
      JsonNode ended = replay(operator, cluster, id);
      assertThat(ended.get("state").stringValue()).as(ended.toString()).isEqualTo("completed");
      assertThat(ended.get("events").longValue()).isEqualTo(stored.size());
    }
    new Audit(cluster.database, TestKafka.bootstrapServers(), target)
        .theTopicHoldsEveryEventOnceAndInOrder();
    System.out.printf(
        "Replay of %,d events killed in the middle: complete, once and in order%n", stored.size());
  }

  private static JsonNode replay(ImportsClient operator, Cluster cluster, String id) {
    return operator
        .send("GET", cluster.commandNodes.getFirst().url() + "/admin/replays/" + id, null)
        .json();
  }

  /** Writes until told to stop; a node that is away is no reason to. */
  private static void write(ImportsClient client, Cluster cluster, AtomicBoolean done) {
    for (int number = 0; !done.get(); number++) {
      try {
        var created = client.send("POST", cluster.commands(number), "{\"source\":\"csv_upload\"}");
        if (created.status() != 201) continue;
        String id = created.json().get("id").stringValue();
        client.send("PUT", cluster.commands(number) + id, "{\"total_rows\":5}");
      } catch (UncheckedIOException e) {
        // Killed or frozen: what became of it, the store says.
      }
    }
  }

  private static int awaitActive(ImportsClient client, Cluster cluster, int butNot)
      throws Exception {
    int[] found = {-1};
    Audit.await(
        "a relay is active",
        () -> {
          for (int i = 0; i < cluster.commandNodes.size(); i++) {
            if (i != butNot && "active".equals(status(client, cluster, i))) found[0] = i;
          }
          return found[0] >= 0;
        });
    return found[0];
  }

  private static void awaitStatus(ImportsClient client, Cluster cluster, int node, String expected)
      throws Exception {
    Audit.await(expected, () -> expected.equals(status(client, cluster, node)));
  }

  private static @Nullable String status(ImportsClient client, Cluster cluster, int node) {
    try {
      JsonNode health =
          client
              .send("GET", cluster.commandNodes.get(node).url() + "/actuator/health", null)
              .json();
      return health.at("/components/relay/details/relay").asString();
    } catch (RuntimeException e) {
      return null;
    }
  }

  private interface Step {
    void run() throws Exception;
  }

  private static Duration timed(Step step) throws Exception {
    long begun = System.nanoTime();
    step.run();
    return Duration.ofNanos(System.nanoTime() - begun);
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }
}
