package com.sdragent.imports.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.benchmarks.ImportsClient.Answer;
import com.sdragent.imports.testservers.GeneratedEvents;
import com.sdragent.imports.testservers.ServiceProcess;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * One organization holds every kind of long answer that it can get, and clients drip bytes, while
 * another organization creates, gets and lists: it gets all that it asks for, hardly slower.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FairnessIT {
  private static final int CLIENTS = 4;
  private static final Duration LENGTH =
      Duration.ofMinutes(Integer.getInteger("imports.test.fairness-minutes", 30));

  @Test
  void another_organization_gets_all_it_asks_for_beside_one_that_takes_all_it_can_get()
      throws Exception {
    Map<String, String> few =
        Map.of(
            "imports.query.long-answers", "100",
            "imports.query.long-answers-per-organization", "50");
    run(10_000, 1, Duration.ofSeconds(2), Duration.ofSeconds(2), 20, few);
  }

  @Test
  @Tag("soak")
  void for_half_an_hour_another_organization_waits_less_than_three_times_as_long()
      throws Exception {
    int rounds = 6;
    Duration busy = LENGTH.dividedBy(rounds);
    double ratio = run(200_000, rounds, Duration.ofMinutes(1), busy, 150, Map.of());
    assertThat(ratio).isLessThan(3);
  }

  /**
   * Rounds of a quiet phase and a busy one; in the full length the busy ones are half an hour.
   *
   * @param of how many long answers of each kind are asked for at each node
   * @return how many times as long the slowest hundredth waits in the busy phases
   */
  private static double run(
      int imports,
      int rounds,
      Duration quietPhase,
      Duration busyPhase,
      int of,
      Map<String, String> seats)
      throws Exception {
    var settings = new HashMap<>(seats);
    // Streams whose clients have gone are noticed between two phases.
    settings.put("imports.query.feed.heartbeat", "1s");
    try (var cluster = new Cluster(1, 2, settings);
        var other = new ImportsClient(Cluster.OTHER_KEY, CLIENTS)) {
      GeneratedEvents.append(cluster.database, Cluster.ORGANIZATION, imports, 2);
      GeneratedEvents.append(cluster.database, Cluster.OTHER_ORGANIZATION, imports / 4, 1);
      cluster.awaitProjections();
      ask(cluster, other, Duration.ofSeconds(1), new ArrayList<>());
      List<Long> quiet = Collections.synchronizedList(new ArrayList<>());
      List<Long> busy = Collections.synchronizedList(new ArrayList<>());
      int held = 0;
      int refused = 0;
      for (int i = 0; i < rounds; i++) {
        Audit.await("nothing is under way", () -> longAnswers(cluster) == 0);
        ask(cluster, other, quietPhase, quiet);
        try (var greedy = new Greedy(cluster, of)) {
          ask(cluster, other, busyPhase, busy);
          Answer all = other.send("GET", cluster.queries(i), null);
          assertThat(all.json().size()).isGreaterThan(imports / 4);
          held = Math.max(held, greedy.mostHeld());
          refused += greedy.refused.get();
        }
      }
      // Otherwise nothing was shown.
      assertThat(held).isGreaterThan(of);
      assertThat(refused).isPositive();
      double ratio = (double) percentile(busy, 99) / percentile(quiet, 99);
      System.out.printf(
          "Another organization's %,d requests beside one that held up to %s long answers of a node"
              + " and was refused %,d: all 2xx; half within %.1f ms, p99 %.1f ms; without, of %,d,"
              + " %.1f and %.1f ms: p99 %.2f times as long%n",
          busy.size(),
          held,
          refused,
          percentile(busy, 50) / 1e6,
          percentile(busy, 99) / 1e6,
          quiet.size(),
          percentile(quiet, 50) / 1e6,
          percentile(quiet, 99) / 1e6,
          ratio);
      return ratio;
    }
  }

  /** Creates, gets and lists, and notes how long each took. */
  private static void ask(
      Cluster cluster, ImportsClient client, Duration length, List<Long> nanoseconds)
      throws InterruptedException {
    long end = System.nanoTime() + length.toNanos();
    Clients.act(
        CLIENTS,
        number -> {
          Instant begun = Instant.now();
          for (int i = number; System.nanoTime() < end; i++) {
            Answer created =
                timed(client, "POST", cluster.commands(i), "{\"source\":\"fair\"}", nanoseconds);
            String id = created.json().get("id").stringValue();
            timed(client, "GET", cluster.queries(i) + id, null, nanoseconds);
            timed(client, "GET", cluster.queries(i + 1) + "?limit=50", null, nanoseconds);
            // Without limit: one that needs a seat and turns of its own.
            if (i % 50 == 0) begun = Instant.now();
            timed(client, "GET", cluster.queries(i) + "?created_after=" + begun, null, nanoseconds);
            pause(20);
          }
          return number;
        });
  }

  private static Answer timed(
      ImportsClient client,
      String method,
      String url,
      @Nullable String body,
      List<Long> nanoseconds) {
    long begun = System.nanoTime();
    Answer answer = client.send(method, url, body);
    nanoseconds.add(System.nanoTime() - begun);
    assertThat(answer.status()).as(method + " " + url + answer.body()).isBetween(200, 299);
    return answer;
  }

  /** Clients of one organization that take what they get, slowly, and come again. */
  private static final class Greedy implements AutoCloseable {
    final AtomicInteger refused = new AtomicInteger();
    private final Cluster cluster;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final List<CompletableFuture<Void>> clients = new ArrayList<>();
    private volatile boolean closing;
    private volatile int mostHeld;

    Greedy(Cluster cluster, int of) {
      this.cluster = cluster;
      String id;
      try (var client = new ImportsClient(Cluster.KEY, 1)) {
        Answer created = client.send("POST", cluster.commands(0), "{\"source\":\"greedy\"}");
        id = created.json().get("id").stringValue();
      }
      List<String> kinds =
          List.of(
              "GET /events HTTP/1.1\r\nAccept: text/event-stream",
              "GET /imports/" + id + "?wait=60 HTTP/1.1",
              "GET /imports/ HTTP/1.1",
              "GET /events HTTP/1.1",
              "GET /imports/?as_of=2999-01-01T00:00:00Z HTTP/1.1",
              "GET /imports/?limit=1&source=csv_upload&updated_after=2999-01-01T00:00:00Z HTTP/1.1",
              "GET /imports/?source=nothing&as_of=2999-01-01T00:00:00Z HTTP/1.1",
              "HEAD /imports/ HTTP/1.1",
              "HEAD /imports/?as_of=2999-01-01T00:00:00Z HTTP/1.1");
      for (ServiceProcess node : cluster.queryNodes) {
        for (String kind : kinds) {
          // A few of those that compute: more would only be refused.
          boolean computes =
              kind.startsWith("HEAD") || kind.contains("nothing") || kind.contains("updated_after");
          int count = computes ? of / 10 : of;
          for (int i = 0; i < count; i++) begin(() -> take(node, kind));
        }
        for (int i = 0; i < of / 10; i++)
          begin(() -> drip(node, headers("GET /imports/ HTTP/1.1")));
      }
      ServiceProcess commands = cluster.commandNodes.getFirst();
      for (int i = 0; i < of / 10; i++) {
        begin(() -> drip(commands, headers("POST /imports/ HTTP/1.1")));
        begin(() -> dripBody(commands));
      }
    }

    private interface Act {
      void act() throws IOException;
    }

    private void begin(Act act) {
      clients.add(
          CompletableFuture.runAsync(
              () -> {
                while (!closing) {
                  try {
                    act.act();
                  } catch (IOException e) {
                    // It was cut off, or the phase is over.
                  }
                  pause(200);
                }
              },
              Thread::startVirtualThread));
    }

    private static String headers(String begin) {
      return begin
          + "\r\nHost: localhost\r\nConnection: close\r\nX-API-Key: "
          + Cluster.KEY
          + "\r\n";
    }

    private Socket connect(ServiceProcess node) throws IOException {
      var socket = new Socket();
      socket.setReceiveBufferSize(1 << 14);
      socket.connect(new InetSocketAddress("localhost", node.port()));
      sockets.add(socket);
      if (closing) socket.close();
      return socket;
    }

    private void take(ServiceProcess node, String request) throws IOException {
      try (var socket = connect(node)) {
        send(socket, headers(request) + "\r\n");
        InputStream in = socket.getInputStream();
        byte[] status = in.readNBytes("HTTP/1.1 503".length());
        if (new String(status, StandardCharsets.ISO_8859_1).endsWith("503")) {
          refused.incrementAndGet();
          // What Retry-After says: it holds all it can, and is no flood of requests.
          pause(1000);
          return;
        }
        byte[] little = new byte[1024];
        while (!closing && in.read(little) >= 0) pause(250);
      }
    }

    private void drip(ServiceProcess node, String headers) throws IOException {
      try (var socket = connect(node)) {
        drip(socket, headers + "X-Never-Ending: " + "x".repeat(4000));
      }
    }

    private void dripBody(ServiceProcess node) throws IOException {
      try (var socket = connect(node)) {
        send(
            socket,
            headers("POST /imports/ HTTP/1.1")
                + "Content-Type: application/json\r\nContent-Length: 4000\r\n\r\n{");
        drip(socket, " ".repeat(3999));
      }
    }

    private void drip(Socket socket, String text) throws IOException {
      for (int i = 0; i < text.length() && !closing; i++) {
        send(socket, text.substring(i, i + 1));
        pause(1000);
      }
    }

    private static void send(Socket socket, String text) throws IOException {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    int mostHeld() {
      mostHeld = Math.max(mostHeld, longAnswers(cluster));
      return mostHeld;
    }

    @Override
    public void close() {
      closing = true;
      for (Socket socket : sockets) {
        try {
          socket.close();
        } catch (IOException e) {
          throw new java.io.UncheckedIOException(e);
        }
      }
      clients.forEach(CompletableFuture::join);
    }
  }

  /** How many long answers the node has under way that has most. */
  private static int longAnswers(Cluster cluster) {
    return cluster.queryNodes.stream()
        .mapToInt(
            node -> (int) Double.parseDouble(Cluster.metric(node, "imports_reads_long_answers")))
        .max()
        .orElseThrow();
  }

  private static long percentile(List<Long> nanoseconds, int percent) {
    List<Long> sorted = nanoseconds.stream().sorted().toList();
    return sorted.get(sorted.size() * percent / 100);
  }

  private static void pause(int millis) {
    LockSupport.parkNanos(Duration.ofMillis(millis).toNanos());
  }
}
