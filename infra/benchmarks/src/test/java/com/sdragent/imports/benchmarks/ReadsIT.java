package com.sdragent.imports.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.benchmarks.ImportsClient.Answer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads on nodes that did not write, while projectors die and the read model is rebuilt. */
class ReadsIT {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String AUDITOR = "sk_of_an_auditor";
  private static final String OPERATOR = "sk_of_an_operator";

  @Test
  void no_client_reads_a_stale_answer_while_projectors_die_and_the_read_model_is_rebuilt()
      throws Exception {
    staleReads(1_000, Duration.ofSeconds(2));
  }

  @Test
  @Tag("soak")
  void ten_thousand_loops_read_no_stale_answer_while_projectors_die_and_the_read_model_is_rebuilt()
      throws Exception {
    staleReads(10_000, Duration.ofSeconds(10));
  }

  /** Clients read from two query nodes; a third, which takes its turns of projecting, is killed. */
  private static void staleReads(int loops, Duration killEvery) throws Exception {
    int clients = 8;
    try (var cluster = new Cluster(1, 3, keys());
        var client = new ImportsClient(Cluster.KEY, clients);
        var operator = new ImportsClient(OPERATOR, 1)) {
      String node = cluster.queryNodes.getFirst().url();
      for (int i = 0; i < 300; i++) create(client, cluster, i);
      var done = new AtomicBoolean();
      var kills = new AtomicInteger();
      var rebuilds = new AtomicInteger();
      CompletableFuture<Void> disturbing =
          CompletableFuture.runAsync(
              () -> {
                long next = System.nanoTime() + killEvery.toNanos();
                while (!done.get()) {
                  Answer rebuild = operator.send("POST", rebuild(node), null);
                  assertThat(rebuild.status()).isIn(202, 409);
                  if (rebuild.status() == 202) rebuilds.incrementAndGet();
                  if (System.nanoTime() > next) {
                    cluster.queryNodes.get(2).kill();
                    kills.incrementAndGet();
                    cluster.queryNodes.set(2, cluster.startQuerySide().awaitReady());
                    next = System.nanoTime() + killEvery.toNanos();
                  }
                  LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
                }
              });
      long begun = System.nanoTime();
      Clients.act(
          clients,
          number -> {
            for (int i = 0; i < loops / clients; i++) loop(client, cluster, number + i);
            return number;
          });
      long seconds = Duration.ofNanos(System.nanoTime() - begun).toSeconds();
      done.set(true);
      disturbing.join();
      JsonNode last = awaitRebuild(operator, node);
      assertThat(last.get("state").stringValue()).as(last.toString()).isEqualTo("completed");
      assertThat(last.get("differences").intValue()).as(last.toString()).isZero();
      assertThat(rebuilds.get()).isPositive();
      cluster.audit().theReadModelEqualsTheFold();
      System.out.printf(
          "%,d loops over two query nodes in %d s: none stale, %d rebuilds, %d projectors killed%n",
          loops, seconds, rebuilds.get(), kills.get());
    }
  }

  @Test
  void the_feed_brings_every_event_once_and_in_order_to_a_client_that_is_cut_off_at_random()
      throws Exception {
    feed(Duration.ofSeconds(5));
  }

  @Test
  @Tag("soak")
  void the_feed_brings_every_event_once_and_in_order_to_a_client_that_is_cut_off_for_a_minute()
      throws Exception {
    feed(Duration.ofMinutes(1));
  }

  private static void feed(Duration duration) throws Exception {
    try (var cluster = new Cluster(1, 2, keys());
        var client = new ImportsClient(Cluster.KEY, 4);
        var http = HttpClient.newHttpClient()) {
      long end = System.nanoTime() + duration.toNanos();
      var written = new AtomicBoolean();
      CompletableFuture<Void> writing =
          CompletableFuture.runAsync(
              () -> {
                for (int i = 0; System.nanoTime() < end; i++) create(client, cluster, i);
                written.set(true);
              });
      var seen = new ArrayList<Long>();
      var random = new Random(20241006);
      int connections = 0;
      while (!written.get() || seen.size() < cluster.audit().stored().size()) {
        String last = seen.isEmpty() ? null : Long.toString(seen.getLast());
        read(http, cluster.queryNodes.get(connections++ % 2).url(), last, random, seen);
      }
      writing.join();
      assertThat(seen)
          .containsExactlyElementsOf(LongStream.rangeClosed(1, seen.size()).boxed().toList());
      System.out.printf(
          "The feed: %,d events over %,d connections, each once and in order%n",
          seen.size(), connections);
    }
  }

  /** Reads until it is cut off after a random number of lines, which may be amid an event. */
  private static void read(
      HttpClient http, String node, @Nullable String lastEventId, Random random, List<Long> seen)
      throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create(node + "/events"))
            .header("X-API-Key", AUDITOR)
            .header("Accept", "text/event-stream");
    if (lastEventId != null) request.header("Last-Event-ID", lastEventId);
    var response = http.send(request.build(), BodyHandlers.ofInputStream());
    assertThat(response.statusCode()).isEqualTo(200);
    try (var lines =
        new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
      long id = 0;
      for (int left = random.nextInt(400); left > 0; left--) {
        String line = lines.readLine();
        if (line == null) return;
        // Silence: everything that was written may have been seen.
        if (line.startsWith(": ")) return;
        if (line.startsWith("id: ")) id = Long.parseLong(line.substring(4));
        if (line.startsWith("data: ")) {
          assertThat(JSON.readTree(line.substring(6)).get("position").longValue()).isEqualTo(id);
        }
        // An event counts once its empty line has come.
        if (line.isEmpty() && id > 0) {
          seen.add(id);
          id = 0;
        }
      }
    }
  }

  @Test
  void a_long_poll_wakes_on_a_node_other_than_the_one_that_wrote() throws Exception {
    try (var cluster = new Cluster(1, 2, keys());
        var client = new ImportsClient(Cluster.KEY, 4)) {
      for (int i = 0; i < 10; i++) {
        String id = create(client, cluster, i);
        String poll = cluster.queries(i) + id + "?wait=20&until=completed,failed";
        CompletableFuture<Answer> answer =
            CompletableFuture.supplyAsync(() -> client.send("GET", poll, null));
        LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        assertThat(answer).isNotDone();
        Answer written = client.send("PUT", cluster.commands(0) + id, "{\"status\":\"failed\"}");
        assertThat(answer.join().json()).isEqualTo(written.json());
      }
    }
  }

  private static Map<String, String> keys() {
    var settings = new HashMap<String, String>();
    key(settings, 1, AUDITOR, "imports:audit");
    key(settings, 2, OPERATOR, "operator");
    settings.put("imports.query.feed.heartbeat", "1s");
    return settings;
  }

  private static void key(Map<String, String> settings, int number, String key, String scope) {
    String name = "imports.access.api-keys[" + number + "].";
    settings.put(name + "key", key);
    settings.put(name + "organization", Cluster.ORGANIZATION);
    settings.put(name + "name", scope);
    settings.put(name + "scopes", scope);
  }

  private static void loop(ImportsClient client, Cluster cluster, int number) {
    // The third node may be dead.
    String queries = cluster.queries(number % 2);
    String other = cluster.queries((number + 1) % 2);
    Answer created =
        client.send(
            "POST", cluster.commands(0), "{\"source\":\"loop\",\"total_rows\":" + number + "}");
    assertThat(created.status()).isEqualTo(201);
    String id = created.json().get("id").stringValue();
    assertThat(client.send("GET", queries + id, null).json()).isEqualTo(created.json());
    assertThat(inList(client.send("GET", other + "?source=loop", null), id))
        .isEqualTo(created.json());
    Answer updated = client.send("PUT", cluster.commands(0) + id, "{\"status\":\"completed\"}");
    assertThat(client.send("GET", other + id, null).json()).isEqualTo(updated.json());
    assertThat(inList(client.send("GET", queries + "?status=completed", null), id))
        .isEqualTo(updated.json());
    assertThat(client.send("DELETE", cluster.commands(0) + id, null).status()).isEqualTo(200);
    assertThat(client.send("GET", queries + id, null).status()).isEqualTo(404);
    assertThat(inList(client.send("GET", other + "?source=loop", null), id)).isNull();
  }

  private static @Nullable JsonNode inList(Answer list, String id) {
    assertThat(list.status()).as(list.body()).isEqualTo(200);
    for (JsonNode row : list.json()) {
      if (row.get("id").stringValue().equals(id)) return row;
    }
    return null;
  }

  private static String create(ImportsClient client, Cluster cluster, int rows) {
    Answer created =
        client.send(
            "POST", cluster.commands(0), "{\"source\":\"csv_upload\",\"total_rows\":" + rows + "}");
    assertThat(created.status()).as(created.body()).isEqualTo(201);
    return created.json().get("id").stringValue();
  }

  private static String rebuild(String node) {
    return node + "/admin/projections/imports/rebuild";
  }

  private static JsonNode awaitRebuild(ImportsClient operator, String node) {
    while (true) {
      JsonNode status = operator.send("GET", rebuild(node), null).json();
      if (!status.get("state").stringValue().equals("running")) return status;
      LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
    }
  }
}
