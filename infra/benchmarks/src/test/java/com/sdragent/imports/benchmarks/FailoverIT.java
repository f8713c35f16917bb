package com.sdragent.imports.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.benchmarks.ImportsClient.Answer;
import com.sdragent.imports.testservers.CrashablePostgres;
import com.sdragent.imports.testservers.ServiceProcess;
import com.sdragent.imports.testservers.TestPostgres;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What is left of the store's past when its primary goes for good: all of it with a synchronous
 * standby, all but the last moments with an asynchronous one. Whatever a node remembers of those
 * moments, nothing follows them.
 */
class FailoverIT {
  private static final int IMPORTS = 12;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final AtomicInteger rows = new AtomicInteger(1);
  private final List<CrashablePostgres> servers = new ArrayList<>();

  /** How the store comes to lose its last events. */
  private enum Loss {
    /** A standby that was behind is promoted: PostgreSQL begins another timeline. */
    PROMOTED,
    /** A copy of the disk takes the primary's place: for PostgreSQL it is the same timeline. */
    COPIED
  }

  @Test
  void what_an_asynchronous_failover_lost_is_built_on_by_nobody() throws Exception {
    failovers(Cluster.size(1, 20), false);
  }

  @Test
  @Tag("soak")
  void a_store_that_went_back_is_published_from_the_start_again_and_again() throws Exception {
    failovers(4, true);
  }

  private void failovers(int rounds, boolean startOver) throws Exception {
    CrashablePostgres primary = CrashablePostgres.start();
    servers.add(primary);
    int firstPort = primary.port();
    int otherPort = ServiceProcess.freePort();
    var database =
        new TestPostgres.Database(
            "jdbc:postgresql://localhost:%s,localhost:%s/imports?targetServerType=primary"
                .formatted(firstPort, otherPort),
            "postgres",
            "");
    try (var cluster = new Cluster(database, 2, 1, Map.of());
        var client = new ImportsClient(Cluster.KEY, 8);
        var feed = new Feed(cluster.queryNodes.getFirst().url())) {
      primary = synchronous(cluster, client, primary, otherPort);
      for (int round = 0; round < rounds; round++) {
        // The successor takes the port of the one that is gone.
        int port = primary.port() == otherPort ? firstPort : otherPort;
        Loss loss = Loss.values()[round % Loss.values().length];
        // Once it has stopped, it stays stopped until somebody starts over.
        boolean published = round == 0 || startOver;
        long stopped = relaysStopped(cluster);
        primary = asynchronous(cluster, client, feed, primary, port, loss, published);
        if (published) {
          Audit.await("a relay stops, and says why", () -> relaysStopped(cluster) > stopped);
        }
        if (startOver || round == rounds - 1) startOver(cluster);
      }
      cluster.audit().assertTopicHoldsEveryEventOnceAndInOrder();
      feed.assertHolds(cluster.audit().stored());
      System.out.printf(
          "The store went back %s times: the feed was told so %s times, nothing was built on what"
              + " is gone%n",
          rounds, feed.resets.get());
    } finally {
      servers.reversed().forEach(CrashablePostgres::close);
    }
  }

  /** Every commit waits for the standby: what was answered is there when it takes over. */
  private CrashablePostgres synchronous(
      Cluster cluster, ImportsClient client, CrashablePostgres primary, int port) throws Exception {
    CrashablePostgres standby = primary.standby(port);
    servers.add(standby);
    primary.commitSynchronously(true);
    Map<String, Integer> answered = new HashMap<>();
    for (int i = 0; i < IMPORTS; i++) {
      answered.put(created(client, cluster.commands(i)), rows.get() - 1);
    }
    primary.crash();
    long begun = System.nanoTime();
    standby.promote();
    answered.put(created(client, cluster.commands(0)), rows.get() - 1);
    System.out.printf(
        "Synchronous: writes went on after %,d ms%n", (System.nanoTime() - begun) / 1_000_000);
    for (var one : answered.entrySet()) {
      Answer read = retried(client, "GET", cluster.queries(0) + one.getKey(), null);
      assertThat(read.status()).as(read.body()).isEqualTo(200);
      assertThat(read.json().get("total_rows").intValue()).isEqualTo(one.getValue());
    }
    cluster.audit().assertStoreHasNoGap();
    return standby;
  }

  private CrashablePostgres asynchronous(
      Cluster cluster,
      ImportsClient client,
      Feed feed,
      CrashablePostgres primary,
      int port,
      Loss loss,
      boolean published)
      throws Exception {
    var kept = new ArrayList<String>();
    for (int i = 0; i < IMPORTS; i++) kept.add(created(client, cluster.commands(i)));
    CrashablePostgres successor =
        switch (loss) {
          case PROMOTED -> primary.standby(port);
          case COPIED -> primary.restoredBackup(port);
        };
    servers.add(successor);
    successor.stop();

    // What only the primary has: each node remembers it of what it answered itself.
    int lost = rows.getAndAdd(2 * IMPORTS);
    var deleted = new ArrayList<String>();
    for (int i = 0; i < kept.size(); i++) {
      String url = cluster.commands(i) + kept.get(i);
      if (i % 4 == 3) {
        assertThat(retried(client, "DELETE", url, null).status()).isEqualTo(200);
        deleted.add(kept.get(i));
      } else {
        assertThat(retried(client, "PUT", url, total(lost + i)).status()).isEqualTo(200);
      }
    }
    var gone = new ArrayList<String>();
    for (int i = 0; i < 4; i++) gone.add(created(client, cluster.commands(i)));
    feed.awaitLast(gone.getLast());
    if (published) awaitPublished(cluster);
    primary.crash();
    successor.restart();
    if (loss == Loss.PROMOTED) successor.promote();

    for (int i = 0; i < kept.size(); i++) {
      String id = kept.get(i);
      // What the node remembers has these rows already, or was deleted.
      Answer changed = retried(client, "PUT", cluster.commands(i) + id, total(lost + i));
      assertThat(changed.status()).as(changed.body()).isEqualTo(200);
      Answer read = retried(client, "GET", cluster.queries(0) + id, null);
      assertThat(read.body()).isEqualTo(changed.body());
      assertThat(read.json().get("total_rows").intValue()).isEqualTo(lost + i);
    }
    for (int i = 0; i < gone.size(); i++) {
      String url = cluster.commands(i) + gone.get(i);
      assertThat(retried(client, "PUT", url, total(1)).status()).isEqualTo(404);
      assertThat(retried(client, "DELETE", url, null).status()).isEqualTo(404);
    }
    assertThat(deleted).isNotEmpty();
    cluster.audit().assertStoreHasNoGap();
    cluster.audit().assertReadModelEqualsFold();
    String last = created(client, cluster.commands(0));
    feed.awaitLast(last);
    return successor;
  }

  private String created(ImportsClient client, String url) {
    Answer created =
        retried(
            client,
            "POST",
            url,
            "{\"source\":\"crm\",\"total_rows\":%s}".formatted(rows.getAndIncrement()));
    assertThat(created.status()).as(created.body()).isEqualTo(201);
    return created.json().get("id").stringValue();
  }

  private static String total(int rows) {
    return "{\"total_rows\":" + rows + "}";
  }

  /** Until it is answered by something else than "not now". */
  private static Answer retried(
      ImportsClient client, String method, String url, @Nullable String body) {
    long deadline = System.nanoTime() + 60_000_000_000L;
    while (true) {
      Answer answer = client.send(method, url, body);
      if (answer.status() < 500 || System.nanoTime() > deadline) return answer;
      LockSupport.parkNanos(20_000_000);
    }
  }

  private static void awaitPublished(Cluster cluster) throws Exception {
    Audit.await(
        "all is published",
        () ->
            cluster.commandNodes.stream()
                .anyMatch(node -> Cluster.metric(node, "imports_relay_lag_events").equals("0.0")));
  }

  private static long relaysStopped(Cluster cluster) {
    return cluster.commandNodes.stream()
        .flatMap(node -> node.output().lines())
        .filter(line -> line.contains("restored to an earlier point"))
        .count();
  }

  /** What operations.md says of a store that is behind Kafka for good. */
  private static void startOver(Cluster cluster) throws Exception {
    try (var admin = Admin.create(Map.of("bootstrap.servers", cluster.kafka()))) {
      String name = cluster.eventsTopic.replaceFirst("\\.events$", "");
      admin
          .deleteTopics(List.of(cluster.eventsTopic, name + ".state", name + ".relay"))
          .all()
          .get();
    }
  }

  /** Follows the feed as a browser does, and comes back with the last id when a stream ends. */
  private static final class Feed implements AutoCloseable {
    private final AtomicInteger resets = new AtomicInteger();
    private final ConcurrentSkipListMap<Long, JsonNode> events = new ConcurrentSkipListMap<>();
    private final HttpClient http = HttpClient.newHttpClient();
    private final Thread thread;
    private volatile boolean closed;

    Feed(String url) {
      thread = Thread.ofVirtual().start(() -> follow(URI.create(url + "/events")));
    }

    private void follow(URI address) {
      String lastId = "";
      while (!closed) {
        var request =
            HttpRequest.newBuilder(address)
                .header("X-API-Key", Cluster.KEY)
                .header("Accept", "text/event-stream");
        if (!lastId.isEmpty()) request.header("Last-Event-ID", lastId);
        try {
          var answer = http.send(request.build(), BodyHandlers.ofInputStream());
          if (answer.statusCode() == 200) lastId = read(answer.body(), lastId);
        } catch (IOException e) {
          // Comes back, as a browser does.
        } catch (InterruptedException e) {
          return;
        }
        LockSupport.parkNanos(50_000_000);
      }
    }

    private String read(java.io.InputStream body, String before) {
      String lastId = before;
      String type = "message";
      try (var lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          if (line.startsWith("id: ")) lastId = line.substring(4);
          if (line.startsWith("event: ")) type = line.substring(7);
          if (line.startsWith("data: ")) take(type, JSON.readTree(line.substring(6)));
          if (line.isEmpty()) type = "message";
        }
      } catch (IOException e) {
        // Cut off: what was told counts.
      } catch (UncheckedIOException e) {
        throw new IllegalStateException(e);
      }
      return lastId;
    }

    private void take(String type, JsonNode data) {
      if (type.equals("reset")) {
        resets.incrementAndGet();
        events.tailMap(data.get("position").longValue(), false).clear();
        return;
      }
      JsonNode known = events.put(data.get("position").longValue(), data);
      assertThat(known).as("told twice: %s", data).isNull();
    }

    /** Waits until the creation of this import was told. */
    void awaitLast(String id) throws Exception {
      Audit.await(
          "the feed tells of " + id,
          () ->
              events.descendingMap().values().stream()
                  .limit(20)
                  .anyMatch(event -> event.get("import_id").stringValue().equals(id)));
    }

    /** What was told, without what it was told to forget, is the log. */
    void assertHolds(List<Audit.Stored> stored) {
      List<UUID> told =
          events.values().stream()
              .map(event -> UUID.fromString(event.get("import_id").stringValue()))
              .toList();
      assertThat(told).isEqualTo(stored.stream().map(Audit.Stored::importId).toList());
      Optional<Long> last = Optional.ofNullable(events.isEmpty() ? null : events.lastKey());
      assertThat(last).hasValue((long) stored.size());
    }

    @Override
    public void close() {
      closed = true;
      thread.interrupt();
      http.shutdownNow();
    }
  }
}
