package com.sdragent.imports.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.testservers.CommittedRecords;
import com.sdragent.imports.testservers.TestKafka;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The node that publishes dies or freezes while clients write; the other goes on. */
class TakeOverIT {
  private static final Duration TAKE_OVER = Duration.ofSeconds(10);

  @Test
  @Tag("soak")
  void a_killed_and_a_frozen_relay_are_taken_over_and_every_event_is_published_once()
      throws Exception {
    killAndFreeze(1, Duration.ofSeconds(6));
  }

  @Test
  @Tag("soak")
  void ten_kills_and_a_minute_of_frost_leave_no_duplicate_and_no_gap() throws Exception {
    killAndFreeze(10, Duration.ofMinutes(1));
  }

  private static void killAndFreeze(int kills, Duration frost) throws Exception {
    try (var cluster = new Cluster(2, 0, Map.of());
        var client = new ImportsClient(Cluster.KEY, 4)) {
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
