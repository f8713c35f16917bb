package com.sdragent.imports.deploy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Loads the service through its gateway while somebody else breaks it, and then tells whether each
 * write that was answered is stored once and published once, and whether each read showed the write
 * before it.
 *
 * <p>Clients create imports and change them, and read each after each write. A request that gets no
 * good answer is sent again, a write under its {@code Idempotency-Key}, until there is one. Each
 * line that it is given names what was broken just now; the end of its input ends the load. It runs
 * on the class path of an image of the command side: see {@code infra/deploy/try load}.
 */
public final class LoadRun {
  private static final int CLIENTS = 8;
  private static final int CHANGES = 9;
  private static final Duration ANSWER = Duration.ofSeconds(20);
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Pattern ID = Pattern.compile("\"id\":\\s*\"([^\"]+)\"");

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final String gateway = setting("GATEWAY");
  private final String key = setting("IMPORTS_API_KEY");
  private final Map<UUID, AtomicLong> written = new ConcurrentHashMap<>();
  private final Set<UUID> before = new HashSet<>();
  private final List<String> wrong = new ArrayList<>();
  private volatile Phase phase = new Phase("nothing is broken");
  private volatile boolean ended;

  /** What clients met from one break to the next. */
  private static final class Phase {
    final String broken;
    final long began = System.nanoTime();
    final Side writes = new Side();
    final Side reads = new Side();

    Phase(String broken) {
      this.broken = broken;
    }

    @Override
    public String toString() {
      return "%-40s writes: %s; reads: %s".formatted(broken, writes, reads);
    }
  }

  /** Requests of one kind in one phase; times in nanoseconds. */
  private static final class Side {
    private long answered;
    private final Map<String, Integer> failures = new TreeMap<>();
    private long lastFailure;
    private long longestWait;

    synchronized void answered(long waited) {
      answered++;
      longestWait = Math.max(longestWait, waited);
    }

    synchronized void failed(String how, long sinceTheBreak) {
      failures.merge(how, 1, Integer::sum);
      lastFailure = Math.max(lastFailure, sinceTheBreak);
    }

    @Override
    public synchronized String toString() {
      String tries =
          failures.isEmpty()
              ? "no try failed"
              : String.format(
                  Locale.ROOT,
                  "failed tries %s, the last after %.1f s",
                  failures,
                  lastFailure / 1e9);
      return String.format(
          Locale.ROOT,
          "%,6d answered, the longest wait %4.1f s, %s",
          answered,
          longestWait / 1e9,
          tries);
    }
  }

  private LoadRun() {}

  /** Ends with 0 when all is as promised, and with 1 and a line for each deviation otherwise. */
  public static void main(String[] arguments) throws Exception {
    System.exit(new LoadRun().run() ? 0 : 1);
  }

  private static String setting(String name) {
    String value = System.getenv(name);
    if (value == null || value.isBlank()) throw new IllegalArgumentException(name + " is not set");
    return value;
  }

  private boolean run() throws Exception {
    before.addAll(stored().keySet());
    var phases = new ArrayList<Phase>();
    phases.add(phase);
    long began = System.nanoTime();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor();
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      var clients = new ArrayList<Future<?>>();
      for (int client = 0; client < CLIENTS; client++) clients.add(threads.submit(this::act));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        System.out.println(phase);
        phase = new Phase(line);
        phases.add(phase);
      }
      ended = true;
      for (Future<?> client : clients) client.get();
    }
    System.out.println(phase);
    long writes = phases.stream().mapToLong(each -> each.writes.answered).sum();
    long reads = phases.stream().mapToLong(each -> each.reads.answered).sum();
    System.out.printf(
        "%,d writes and %,d reads were answered in %d s%n",
        writes, reads, (System.nanoTime() - began) / 1_000_000_000);
    Map<UUID, Long> stored = stored();
    assertStoredOnce(stored);
    assertPublishedOnce(stored);
    wrong.forEach(line -> System.out.println("WRONG: " + line));
    if (wrong.isEmpty())
      System.out.println(
          "each write is stored once and published once, in order, and no read was older than a"
              + " write before it");
    return wrong.isEmpty();
  }

  private void wrong(String what) {
    synchronized (wrong) {
      wrong.add(what);
    }
  }

  /** One client: creates an import, changes it some times, and reads it after each. */
  private void act() {
    while (!ended) {
      String created =
          write("POST", "/imports/", "{\"source\": \"csv_upload\", \"total_rows\": 0}");
      var id = ID.matcher(created);
      if (!id.find()) throw new IllegalStateException("No id in " + created);
      var count = new AtomicLong(1);
      written.put(UUID.fromString(id.group(1)), count);
      String path = "/imports/" + id.group(1);
      read(path, created);
      for (int change = 1; change <= CHANGES && !ended; change++) {
        String changed = write("PUT", path, "{\"total_rows\": " + change + "}");
        count.incrementAndGet();
        read(path, changed);
      }
    }
  }

  private String write(String method, String path, String body) {
    String idempotencyKey = UUID.randomUUID().toString();
    return untilAnswered(
        HttpRequest.newBuilder(URI.create(gateway + path))
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", idempotencyKey)
            .method(method, BodyPublishers.ofString(body)),
        true);
  }

  private void read(String path, String expected) {
    String read = untilAnswered(HttpRequest.newBuilder(URI.create(gateway + path)), false);
    if (!read.equals(expected)) wrong("A read showed %s after %s".formatted(read, expected));
    LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
  }

  /** Sends a request until it is answered, as clients do, and returns the body. */
  private String untilAnswered(HttpRequest.Builder builder, boolean write) {
    HttpRequest request = builder.header("X-API-Key", key).timeout(ANSWER).build();
    long began = System.nanoTime();
    while (System.nanoTime() - began < PATIENCE.toNanos()) {
      String met;
      String how;
      try {
        HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
        if (answer.statusCode() / 100 == 2) {
          side(phase, write).answered(System.nanoTime() - began);
          return answer.body();
        }
        how = answer.statusCode() + " of " + whoAnswered(answer);
        met = how + ": " + answer.body();
        // 409: the try before is still under way
        if (answer.statusCode() < 500 && answer.statusCode() != 409)
          wrong("%s %s is answered %s".formatted(request.method(), request.uri(), met));
      } catch (IOException e) {
        how = e.getClass().getSimpleName();
        met = e.toString();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
      Phase now = phase;
      side(now, write).failed(how, System.nanoTime() - now.began);
      LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
      if (System.nanoTime() - began >= PATIENCE.toNanos())
        wrong("%s %s has no answer: %s".formatted(request.method(), request.uri(), met));
    }
    throw new IllegalStateException(
        "No answer within " + PATIENCE + " to " + request.method() + " " + request.uri());
  }

  /** The service answers in JSON; what has no node to send a request to has a page of its own. */
  private static String whoAnswered(HttpResponse<String> answer) {
    return answer.headers().firstValue("Content-Type").orElse("").contains("json")
        ? "a node"
        : "the gateway";
  }

  private static Side side(Phase phase, boolean write) {
    return write ? phase.writes : phase.reads;
  }

  /** How many events each import has in the store. */
  private Map<UUID, Long> stored() throws SQLException {
    var stored = new HashMap<UUID, Long>();
    try (var connection =
            DriverManager.getConnection(
                setting("DATABASE_URL"), "auditor", setting("IMPORTS_AUDITOR_PASSWORD"));
        var statement = connection.createStatement();
        var rows =
            statement.executeQuery(
                "select aggregate_id, count(*), min(sequence_number), max(sequence_number),"
                    + " count(distinct event_id) from domain_event group by aggregate_id")) {
      while (rows.next()) {
        UUID id = rows.getObject(1, UUID.class);
        long count = rows.getLong(2);
        stored.put(id, count);
        if (rows.getLong(3) != 0 || rows.getLong(4) != count - 1 || rows.getLong(5) != count) {
          wrong("The events of %s have gaps or are repeated".formatted(id));
        }
      }
    }
    return stored;
  }

  private void assertStoredOnce(Map<UUID, Long> stored) {
    written.forEach(
        (id, writes) -> {
          long events = stored.getOrDefault(id, 0L);
          if (events != writes.get())
            wrong(
                "%s has %s events of %s writes that were answered"
                    .formatted(id, events, writes.get()));
        });
    for (UUID id : stored.keySet()) {
      if (!written.containsKey(id) && !before.contains(id))
        wrong("%s was stored, and no answer told of it".formatted(id));
    }
  }

  /** What a consumer sees that reads what is committed, from the first event on. */
  private void assertPublishedOnce(Map<UUID, Long> stored) {
    long expected = stored.values().stream().mapToLong(Long::longValue).sum();
    var next = new HashMap<UUID, Long>();
    long seen = 0;
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers",
            setting("KAFKA"),
            "isolation.level",
            "read_committed",
            "fetch.max.wait.ms",
            10);
    try (var consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
      var partitions =
          consumer.partitionsFor("imports.events").stream()
              .map(each -> new TopicPartition(each.topic(), each.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (System.nanoTime() < deadline
          && (seen < expected || !isAtTheEnd(consumer, partitions))) {
        for (var record : consumer.poll(Duration.ofMillis(100))) {
          seen++;
          UUID id = UUID.fromString(record.key());
          long sequence =
              Long.parseLong(
                  new String(
                      record.headers().lastHeader("ce_importsequence").value(),
                      StandardCharsets.UTF_8));
          long awaited = next.merge(id, 1L, Long::sum) - 1;
          if (sequence != awaited)
            wrong(
                "%s: its event %s was published where %s is next".formatted(id, sequence, awaited));
        }
      }
    }
    System.out.printf("%,d events are stored, %,d are published%n", expected, seen);
    if (!next.equals(stored))
      wrong("What is published is not what is stored: %s events and %s".formatted(seen, expected));
  }

  private static boolean isAtTheEnd(KafkaConsumer<?, ?> consumer, List<TopicPartition> partitions) {
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    return partitions.stream()
        .allMatch(each -> consumer.position(each) >= ends.getOrDefault(each, 0L));
  }
}
