package com.sdragent.imports.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.benchmarks.ImportsClient.Answer;
import com.sdragent.imports.benchmarks.load.LoadGenerator;
import com.sdragent.imports.benchmarks.load.LoadGenerator.Load;
import com.sdragent.imports.benchmarks.load.LoadResult;
import com.sdragent.imports.benchmarks.load.Requests;
import com.sdragent.imports.testservers.CrashablePostgres;
import com.sdragent.imports.testservers.ServiceProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Reads through a replica that stands still, crashes and is far behind, under load. */
@Tag("soak")
class ReplicaReadsIT {
  private static final String CANCELLED = "40001";
  private static final int CLIENTS = 8;
  private static final Duration LENGTH = Duration.ofSeconds(90);

  private final AtomicInteger current = new AtomicInteger();
  private final AtomicInteger unavailable = new AtomicInteger();
  private final AtomicInteger lagging = new AtomicInteger();

  @Test
  void no_read_through_a_replica_is_stale_while_that_stands_still_and_crashes() throws Exception {
    try (var primary = CrashablePostgres.start();
        var replica = primary.standby(ServiceProcess.freePort());
        var cluster =
            new Cluster(
                primary.database(),
                1,
                2,
                Map.of(
                    "imports.query.read-from",
                    "replica",
                    "imports.query.replica.url",
                    replica.database().jdbcUrl()));
        var client = new ImportsClient(Cluster.KEY, CLIENTS)) {
      var over = new AtomicBoolean();
      var happened =
          new FutureTask<>(
              () -> {
                try {
                  disturb(cluster, client, replica);
                } finally {
                  over.set(true);
                }
                return true;
              });
      Thread.ofPlatform().start(happened);
      Clients.act(
          CLIENTS,
          number -> {
            for (int i = number; !over.get(); i++) loop(cluster, client, i);
            return true;
          });
      assertThat(happened.get()).isTrue();
      cluster.audit().assertStoreHasNoGap();
      cluster.audit().assertReadModelEqualsFold();
      System.out.printf(
          "Reads through a replica for %s: %,d current, %,d answered 503, %,d lists said that they"
              + " may miss something; none stale%n",
          LENGTH, current.get(), unavailable.get(), lagging.get());
      assertThat(current.get()).isGreaterThan(unavailable.get());
      assertThat(unavailable.get()).isPositive();
    }
  }

  @Test
  void reads_through_a_replica_cost_the_primary_next_to_nothing() throws Exception {
    try (var primary = CrashablePostgres.start();
        var replica = primary.standby(ServiceProcess.freePort());
        var cluster = new Cluster(primary.database(), 1, 1, Map.of());
        var client = new ImportsClient(Cluster.KEY, CLIENTS)) {
      cluster.queryNodes.add(
          cluster.startQuerySide(
              Duration.ZERO,
              Map.of(
                  "imports.query.read-from",
                  "replica",
                  "imports.query.replica.url",
                  replica.database().jdbcUrl())));
      cluster.queryNodes.getLast().awaitReady();
      var ids = new ArrayList<String>();
      for (int i = 0; i < 1000; i++) {
        Answer created = client.send("POST", cluster.commands(0), "{\"source\":\"crm\"}");
        ids.add(created.json().get("id").stringValue());
      }
      List<String> header = List.of("X-API-Key: " + Cluster.KEY);
      Requests gets =
          Requests.anyOf(
              ids.stream().map(id -> Requests.bytes("GET", "/imports/" + id, header, "")).toList());
      Requests lists =
          Requests.anyOf(List.of(Requests.bytes("GET", "/imports/?limit=50", header, "")));
      Requests writes =
          Requests.anyOf(
              List.of(Requests.bytes("POST", "/imports/", header, "{\"source\":\"crm\"}")));
      var servers = Map.of("primary", primary, "replica", replica);
      for (ServiceProcess node : cluster.queryNodes) {
        for (Requests warm : List.of(gets, lists)) load(node, warm, 10);
      }
      for (int round = 0; round < 2; round++) {
        for (boolean besideWrites : new boolean[] {false, true}) {
          for (boolean list : new boolean[] {false, true}) {
            for (int node = 0; node < 2; node++) {
              var over = new AtomicBoolean();
              var writing =
                  new FutureTask<>(
                      () -> {
                        int port = cluster.commandNodes.getFirst().port();
                        while (besideWrites && !over.get()) {
                          LoadGenerator.run(
                              new Load(port, 8, Duration.ofSeconds(1), 200, Long.MAX_VALUE),
                              writes);
                        }
                        return true;
                      });
              Thread.ofPlatform().start(writing);
              ServiceProcess asked = cluster.queryNodes.get(node);
              Map<String, Duration> before = cpu(servers, asked);
              LoadResult result = load(asked, list ? lists : gets, 5);
              Map<String, Duration> after = cpu(servers, asked);
              over.set(true);
              writing.get();
              assertThat(result.failures()).isEmpty();
              var micros = new TreeMap<String, Long>();
              after.forEach(
                  (name, cpu) ->
                      micros.put(
                          name,
                          cpu.minus(Objects.requireNonNull(before.get(name))).toNanos()
                              / 1000
                              / result.answered()));
              System.out.printf(
                  "%s%s from the %s: %,.0f/s, p50 %.1f ms, p99 %.1f ms, processor time in us %s%n",
                  list ? "list of 50" : "GET by id",
                  besideWrites ? " beside 200 writes/s" : "",
                  node == 0 ? "primary" : "replica",
                  result.rate(),
                  result.millis(50),
                  result.millis(99),
                  micros);
            }
          }
        }
      }
    }
  }

  private static LoadResult load(ServiceProcess node, Requests requests, int seconds) {
    return LoadGenerator.run(Load.full(node.port(), 64, Duration.ofSeconds(seconds)), requests);
  }

  /** The processor time that servers and a node have had. */
  private static Map<String, Duration> cpu(
      Map<String, CrashablePostgres> servers, ServiceProcess node) throws IOException {
    var cpu = new TreeMap<String, Duration>();
    cpu.put("node", cpu(Stream.of(ProcessHandle.of(node.pid()).orElseThrow())));
    for (var server : servers.entrySet()) {
      Path pid = server.getValue().directory().resolve("postgres").resolve("postmaster.pid");
      ProcessHandle postmaster =
          ProcessHandle.of(Long.parseLong(Files.readAllLines(pid).getFirst().strip()))
              .orElseThrow();
      cpu.put(server.getKey(), cpu(postmaster.children()));
    }
    return cpu;
  }

  private static Duration cpu(Stream<ProcessHandle> processes) {
    return processes
        .map(process -> process.info().totalCpuDuration().orElse(Duration.ZERO))
        .reduce(Duration.ZERO, Duration::plus);
  }

  private static void disturb(Cluster cluster, ImportsClient client, CrashablePostgres replica)
      throws SQLException {
    long end = System.nanoTime() + LENGTH.toNanos();
    execute(replica, "alter system set max_standby_streaming_delay = '100ms'");
    execute(replica, "select pg_reload_conf()");
    String rebuild = cluster.queryNodes.getFirst().url() + "/admin/projections/imports/rebuild";
    for (int i = 0; System.nanoTime() < end; i++) {
      LockSupport.parkNanos(Duration.ofSeconds(3).toNanos());
      switch (i % 4) {
        case 0 -> pause(replica, Duration.ofMillis(300));
        case 1 -> client.send("POST", rebuild, null);
        case 2 -> pause(replica, Duration.ofSeconds(3));
        default -> {
          replica.crash();
          replica.restart();
        }
      }
    }
    LockSupport.parkNanos(Duration.ofSeconds(2).toNanos());
  }

  private static void pause(CrashablePostgres replica, Duration length) throws SQLException {
    execute(replica, "select pg_wal_replay_pause()");
    LockSupport.parkNanos(length.toNanos());
    execute(replica, "select pg_wal_replay_resume()");
  }

  /** Again and again, since replay cancels statements of its server, be they whose they may. */
  private static void execute(CrashablePostgres server, String sql) throws SQLException {
    boolean isCancelled;
    do {
      try (Connection session = server.database().connect();
          Statement statement = session.createStatement()) {
        statement.execute(sql);
        isCancelled = false;
      } catch (SQLException e) {
        isCancelled = CANCELLED.equals(e.getSQLState());
        if (!isCancelled) throw e;
      }
    } while (isCancelled);
  }

  /** One import's life: what was answered is what the next read shows, on whichever node. */
  private void loop(Cluster cluster, ImportsClient client, int number) {
    Answer created = client.send("POST", cluster.commands(0), "{\"source\":\"replica\"}");
    assertThat(created.status()).as(created.body()).isEqualTo(201);
    String id = created.json().get("id").stringValue();
    assertShows(client, cluster.queries(number) + id, created.json());
    assertListed(client, cluster.queries(number + 1), id, Optional.of(created.json()));
    Answer updated = client.send("PUT", cluster.commands(0) + id, "{\"total_rows\":7}");
    assertThat(updated.status()).as(updated.body()).isEqualTo(200);
    assertListed(client, cluster.queries(number), id, Optional.of(updated.json()));
    assertShows(client, cluster.queries(number + 1) + id, updated.json());
    assertThat(client.send("DELETE", cluster.commands(0) + id, null).status()).isEqualTo(200);
    Answer deleted = client.send("GET", cluster.queries(number) + id, null);
    assertThat(deleted.status()).as(deleted.body()).isIn(404, 503);
    count(deleted);
    assertListed(client, cluster.queries(number + 1), id, Optional.empty());
  }

  private void assertShows(ImportsClient client, String url, JsonNode expected) {
    Answer answer = client.send("GET", url, null);
    if (count(answer)) return;
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(answer.json()).isEqualTo(expected);
  }

  private void assertListed(
      ImportsClient client, String url, String id, Optional<JsonNode> expected) {
    Answer answer = client.list(url + "?source=replica&limit=100");
    if (count(answer)) return;
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    if (answer.headers().containsKey("x-projection-lag")) {
      lagging.incrementAndGet();
      return;
    }
    JsonNode found = null;
    for (JsonNode row : answer.json()) {
      if (Objects.equals(row.get("id").stringValue(), id)) found = row;
    }
    assertThat(Optional.ofNullable(found)).isEqualTo(expected);
  }

  /** Whether the answer was that there is none now. */
  private boolean count(Answer answer) {
    boolean isUnavailable = answer.status() == 503;
    (isUnavailable ? unavailable : current).incrementAndGet();
    return isUnavailable;
  }
}
