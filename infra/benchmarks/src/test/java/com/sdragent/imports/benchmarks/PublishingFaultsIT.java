package com.sdragent.imports.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.testservers.CommittedRecords;
import com.sdragent.imports.testservers.ServiceProcess;
import com.sdragent.imports.testservers.StoppableKafka;
import com.sdragent.imports.testservers.ThreeBrokers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Kafka and the nodes that publish to it fail under load; no event is lost, repeated or moved. */
@Tag("soak")
class PublishingFaultsIT {
  private static final Duration SOON = Duration.ofSeconds(60);

  @Test
  void ten_kills_of_the_node_that_publishes_and_three_stops_of_the_broker_lose_nothing()
      throws Exception {
    long seed = System.nanoTime();
    var random = new Random(seed);
    Duration longest = Duration.ZERO;
    try (var kafka = StoppableKafka.running();
        var cluster =
            new Cluster(2, 0, Map.of("spring.kafka.bootstrap-servers", kafka.bootstrapServers()));
        var client = new ImportsClient(Cluster.KEY, 8)) {
      var nodes = new PublishingNodes(cluster, client);
      try (var _ = nodes.new Load(4, Duration.ofMillis(4))) {
        for (int kill = 0; kill < 10; kill++) {
          int active = nodes.awaitActive();
          PublishingNodes.pause(Duration.ofMillis(random.nextInt(2000)));
          cluster.commandNodes.get(active).kill();
          long begun = System.nanoTime();
          nodes.awaitActiveBut(active);
          Duration takenOver = Duration.ofNanos(System.nanoTime() - begun);
          if (takenOver.compareTo(longest) > 0) longest = takenOver;
          cluster.commandNodes.set(active, cluster.startCommandSide().awaitReady());
          if (kill % 3 == 2) {
            kafka.stop();
            PublishingNodes.pause(Duration.ofSeconds(30));
            kafka.start();
          }
        }
      }
      int events = everyEventOnce(cluster);
      System.out.printf(
          "Node killed 10 times, broker stopped 3 times for 30 s (seed %s): %,d events, each once"
              + " and in order; taken over within %s ms%n",
          seed, events, longest.toMillis());
      assertThat(longest).isLessThan(Duration.ofSeconds(10));
    }
  }

  @Test
  void while_kafka_is_away_writes_go_on_and_all_is_published_once_after_it() throws Exception {
    Duration away = Duration.parse(System.getProperty("imports.test.kafka-away", "PT10M"));
    try (var kafka = StoppableKafka.running();
        var cluster =
            new Cluster(2, 1, Map.of("spring.kafka.bootstrap-servers", kafka.bootstrapServers()));
        var client = new ImportsClient(Cluster.KEY, 8)) {
      var nodes = new PublishingNodes(cluster, client);
      nodes.awaitActive();
      Writing before = write(cluster, client, Duration.ofSeconds(10));
      kafka.stop();
      Writing during = write(cluster, client, away);
      long begun = System.nanoTime();
      kafka.start();
      Audit.await("it publishes", () -> published(nodes, cluster) > before.events() + 1);
      Duration goesOn = Duration.ofNanos(System.nanoTime() - begun);
      int events = everyEventOnce(cluster);
      Duration caughtUp = Duration.ofNanos(System.nanoTime() - begun);
      System.out.printf(
          "Kafka away for %s: %,d writes meanwhile, the slowest %s ms (before: %s ms); it published"
              + " again after %.1f s and all %,d events within %.1f s, each once and in order%n",
          away,
          during.events(),
          during.slowest().toMillis(),
          before.slowest().toMillis(),
          goesOn.toMillis() / 1e3,
          events,
          caughtUp.toMillis() / 1e3);
    }
  }

  /** How many events there were, and the longest that a client waited for an answer. */
  private record Writing(int events, Duration slowest) {}

  /** Some clients write for a while, each write with success; nodes stay ready. */
  private static Writing write(Cluster cluster, ImportsClient client, Duration length)
      throws Exception {
    long end = System.nanoTime() + length.toNanos();
    List<Writing> each =
        Clients.act(
            4,
            number -> {
              int events = 0;
              long slowest = 0;
              while (System.nanoTime() < end) {
                long asked = System.nanoTime();
                String url = cluster.commands(number);
                var created = client.send("POST", url, "{\"source\":\"crm\"}");
                assertThat(created.status()).as(created.body()).isEqualTo(201);
                slowest = Math.max(slowest, System.nanoTime() - asked);
                String id = created.json().get("id").stringValue();
                var changed = client.send("PUT", url + id, "{\"total_rows\":5}");
                assertThat(changed.status()).as(changed.body()).isEqualTo(200);
                var read = client.send("GET", cluster.queries(number) + id, null);
                assertThat(read.body()).isEqualTo(changed.body());
                events += 2;
                PublishingNodes.pause(Duration.ofMillis(100));
              }
              return new Writing(events, Duration.ofNanos(slowest));
            });
    for (ServiceProcess node : cluster.commandNodes) {
      var ready = client.send("GET", node.url() + "/actuator/health/readiness", null);
      assertThat(ready.status()).isEqualTo(200);
    }
    return new Writing(
        each.stream().mapToInt(Writing::events).sum(),
        each.stream().map(Writing::slowest).max(Duration::compareTo).orElseThrow());
  }

  @Test
  void kafka_forgets_offsets_and_transactional_ids_while_nothing_happens() throws Exception {
    var forgetful =
        Map.of(
            "offsets.retention.minutes", "1",
            "offsets.retention.check.interval.ms", "5000",
            "transactional.id.expiration.ms", "20000",
            "transaction.remove.expired.transaction.cleanup.interval.ms", "5000",
            "producer.id.expiration.ms", "20000");
    try (var kafka = StoppableKafka.running(forgetful);
        var cluster =
            new Cluster(1, 0, Map.of("spring.kafka.bootstrap-servers", kafka.bootstrapServers()));
        var client = new ImportsClient(Cluster.KEY, 8)) {
      var nodes = new PublishingNodes(cluster, client);
      someEvents(client, cluster, 50);
      everyEventOnce(cluster);
      PublishingNodes.pause(Duration.ofSeconds(90));
      someEvents(client, cluster, 50);
      everyEventOnce(cluster);
      cluster.commandNodes.getFirst().kill();
      PublishingNodes.pause(Duration.ofSeconds(75));
      cluster.commandNodes.set(0, cluster.startCommandSide().awaitReady());
      nodes.awaitActive();
      someEvents(client, cluster, 50);
      System.out.printf(
          "Idle for 90 s, restarted after 75 s, with offsets kept for a minute: %,d events, each"
              + " once and in order%n",
          everyEventOnce(cluster));
    }
  }

  /** One is away when the topics are made, too: they have three copies all the same. */
  @Test
  void a_broker_of_three_is_killed() throws Exception {
    try (var brokers = twoOfThreeBrokers();
        var cluster =
            new Cluster(
                2,
                0,
                Map.of(
                    "spring.kafka.bootstrap-servers",
                    brokers.bootstrapServers(),
                    "imports.relay.replication-factor",
                    "-1"));
        var client = new ImportsClient(Cluster.KEY, 8)) {
      var nodes = new PublishingNodes(cluster, client);
      String position = cluster.eventsTopic.replace(".events", ".relay");
      try (var _ = nodes.new Load(4, Duration.ofMillis(4))) {
        nodes.awaitActive();
        brokers.restart(2);
        PublishingNodes.pause(Duration.ofSeconds(5));
        for (int turn = 0; turn < 2; turn++) {
          int leader = brokers.leaderOf(position);
          brokers.kill(leader);
          long before = published(nodes, cluster);
          Audit.await("it goes on", () -> published(nodes, cluster) > before + 1000);
          PublishingNodes.pause(Duration.ofSeconds(5));
          brokers.restart(leader);
          PublishingNodes.pause(Duration.ofSeconds(5));
        }
      }
      assertTopicsHaveThreeCopies(cluster);
      System.out.printf(
          "One broker of three killed twice: %,d events, each once and in order%n",
          everyEventOnce(cluster));
    }
  }

  private static ThreeBrokers twoOfThreeBrokers() {
    ThreeBrokers brokers = ThreeBrokers.running();
    brokers.killUntilNoticed(2);
    return brokers;
  }

  private static long published(PublishingNodes nodes, Cluster cluster) {
    long furthest = -1;
    for (int i = 0; i < cluster.commandNodes.size(); i++) {
      furthest = Math.max(furthest, nodes.position(i));
    }
    return furthest;
  }

  private static void assertTopicsHaveThreeCopies(Cluster cluster) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", cluster.kafka()))) {
      for (String kind : List.of(".events", ".state", ".relay")) {
        String topic = cluster.eventsTopic.replace(".events", kind);
        var described = admin.describeTopics(List.of(topic)).allTopicNames().get();
        assertThat(described.values().iterator().next().partitions())
            .allMatch(one -> one.replicas().size() == 3);
        var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        assertThat(admin.describeConfigs(List.of(resource)).all().get().values())
            .allMatch(config -> config.get("min.insync.replicas").value().equals("2"));
      }
    }
  }

  private static void someEvents(ImportsClient client, Cluster cluster, int number) {
    for (int i = 0; i < number; i++) {
      client.send("POST", cluster.commands(i), "{\"source\":\"csv_upload\"}");
    }
  }

  /** Held against the store; says how many. */
  private static int everyEventOnce(Cluster cluster) throws Exception {
    var audit = cluster.audit();
    int events = audit.assertStoreHasNoGap().size();
    CommittedRecords.of(cluster.kafka(), cluster.eventsTopic, events, SOON);
    audit.assertTopicHoldsEveryEventOnceAndInOrder();
    return events;
  }
}
