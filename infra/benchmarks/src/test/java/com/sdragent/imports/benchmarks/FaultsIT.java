package com.sdragent.imports.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.benchmarks.ImportsClient.Answer;
import com.sdragent.imports.events.ImportCreated;
import com.sdragent.imports.events.ImportDetailsChanged;
import com.sdragent.imports.testservers.CrashablePostgres;
import com.sdragent.imports.testservers.ServiceProcess;
import com.sdragent.imports.testservers.TestPostgres;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Load on two command nodes while PostgreSQL and nodes fail. Every write carries a name of its own,
 * so that each answer can be held against the store.
 */
class FaultsIT {
  private static final String TOO_MANY_CONNECTIONS = "53300";
  private static final int NO_ANSWER = 0;

  /** What happens during a run. */
  interface Faults {
    void happen(Cluster cluster, CrashablePostgres postgres, Map<String, Integer> answers)
        throws Exception;
  }

  @Test
  void a_crash_of_postgresql_and_of_a_node_loses_repeats_and_invents_nothing() throws Exception {
    run(
        8,
        Map.of(),
        (cluster, postgres, answers) -> {
          awaitMore(answers);
          postgres.crash();
          // The new node waits for PostgreSQL.
          cluster.killAndReplaceCommandSide(1);
          awaitLookingForPostgres(cluster.commandNodes.get(1));
          postgres.restart();
          awaitMore(answers);
        });
  }

  @Test
  @Tag("soak")
  void three_crashes_of_postgresql_and_two_of_nodes_in_sixty_seconds_lose_nothing()
      throws Exception {
    run(
        32,
        Map.of(),
        (cluster, postgres, _) -> {
          long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
          pause(8);
          crash(postgres);
          pause(8);
          cluster.killAndReplaceCommandSide(0);
          pause(8);
          crash(postgres);
          pause(8);
          cluster.killAndReplaceCommandSide(1);
          pause(8);
          crash(postgres);
          LockSupport.parkNanos(end - System.nanoTime());
        });
  }

  @Test
  @Tag("soak")
  void a_primary_killed_under_load_three_times_loses_nothing_that_was_answered() throws Exception {
    var servers = new ArrayList<CrashablePostgres>();
    try {
      servers.add(CrashablePostgres.start());
      int[] ports = {servers.getFirst().port(), ServiceProcess.freePort()};
      String both =
          "jdbc:postgresql://localhost:%s,localhost:%s/imports".formatted(ports[0], ports[1]);
      run(
          new TestPostgres.Database(both + "?targetServerType=primary", "postgres", ""),
          32,
          // The standby is read from, and when there is none the primary.
          Map.of("imports.query.read-from", "replica", "imports.query.replica.url", both),
          (cluster, answers) -> {
            for (int round = 1; round <= 3; round++) {
              CrashablePostgres primary = servers.getLast();
              CrashablePostgres standby = primary.standby(ports[round % 2]);
              servers.add(standby);
              primary.commitSynchronously(true);
              pause(8);
              long killed = System.nanoTime();
              primary.crash();
              long promoted = System.nanoTime();
              standby.promote();
              Answer written = untilWritten(cluster, "after failover " + round, answers);
              long wrote = System.nanoTime();
              untilRead(cluster, written);
              System.out.printf(
                  "Primary killed: writes went on %,d ms later, %,d ms after the promotion began,"
                      + " and reads through a replica %,d ms after it%n",
                  Duration.ofNanos(wrote - killed).toMillis(),
                  Duration.ofNanos(wrote - promoted).toMillis(),
                  Duration.ofNanos(System.nanoTime() - promoted).toMillis());
              awaitMore(answers);
            }
          });
    } finally {
      servers.reversed().forEach(CrashablePostgres::close);
    }
  }

  /** Tries again and again until a write is answered with success. */
  private static Answer untilWritten(Cluster cluster, String name, Map<String, Integer> answers) {
    try (var client = new ImportsClient(Cluster.KEY, 1)) {
      for (int i = 0; ; i++) {
        Answer answer = send(client, "POST", cluster.commands(i), name + ", try " + i);
        answers.put(name + ", try " + i, answer.status());
        if (answer.status() == 201) return answer;
        LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
      }
    }
  }

  /** Until it is read; before that, nobody says that it is not there. */
  private static void untilRead(Cluster cluster, Answer written) {
    try (var client = new ImportsClient(Cluster.KEY, 1)) {
      String url = cluster.queries(0) + id(written).orElseThrow();
      while (true) {
        Answer read = client.send("GET", url, null);
        if (read.status() == 200) {
          assertThat(read.body()).isEqualTo(written.body());
          return;
        }
        assertThat(read.status()).as(read.body()).isEqualTo(503);
        LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
      }
    }
  }

  @Test
  @Tag("soak")
  void a_dry_pool_and_a_server_out_of_connections_three_times_a_minute_lose_nothing()
      throws Exception {
    var tight =
        Map.of(
            "spring.datasource.hikari.maximum-pool-size", "3",
            "spring.datasource.hikari.connection-timeout", "250",
            "imports.aggregate.cache-size", "10");
    run(
        32,
        tight,
        (_, postgres, _) -> {
          long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
          for (int i = 0; i < 3; i++) {
            pause(8);
            takeAllConnections(postgres, Duration.ofSeconds(6));
          }
          LockSupport.parkNanos(end - System.nanoTime());
        });
  }

  /**
   * Needs a file system of its own: {@code mount -t tmpfs -o size=512m tmpfs DIRECTORY} and {@code
   * -Dimports.test.postgres-directory=DIRECTORY}.
   */
  @Test
  @Tag("soak")
  @EnabledIfSystemProperty(named = "imports.test.postgres-directory", matches = ".+")
  void a_disk_that_is_full_three_times_in_sixty_seconds_loses_nothing() throws Exception {
    run(
        32,
        Map.of(),
        (_, postgres, _) -> {
          long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
          for (int i = 0; i < 3; i++) {
            pause(8);
            fillDisk(postgres, Duration.ofSeconds(6));
          }
          LockSupport.parkNanos(end - System.nanoTime());
        });
  }

  @Test
  @Tag("soak")
  void a_thousand_keys_each_sent_8_times_at_once_are_a_thousand_imports() throws Exception {
    int keys = 1_000;
    int copies = 8;
    try (var cluster = new Cluster(2, 1, Map.of());
        var client = new ImportsClient(Cluster.KEY, 2 * copies * copies)) {
      var next = new AtomicInteger();
      var sent = new AtomicInteger();
      var lost = ConcurrentHashMap.<String>newKeySet();
      var retold = new AtomicInteger();
      var killed =
          new FutureTask<>(
              () -> {
                cluster.killAndReplaceCommandSide(1);
                return true;
              });
      // Eight keys at a time; what is killed has requests of all of them.
      List<Integer> done =
          Clients.act(
              copies,
              _ -> {
                int own = 0;
                for (int key = next.getAndIncrement(); key < keys; key = next.getAndIncrement()) {
                  String name = "key-" + key;
                  if (key == keys / 2) Thread.ofPlatform().start(killed);
                  List<Answer> answers =
                      Clients.act(
                          copies, copy -> repeated(client, cluster, copy, name, sent, lost));
                  Told first = Told.by(answers.getFirst());
                  assertThat(answers.stream().map(Told::by)).as(name).containsOnly(first);
                  assertThat(answers.getFirst().json().get("file_name").stringValue())
                      .isEqualTo(name);
                  assertThat(first.location()).endsWith(id(answers.getFirst()).orElseThrow());
                  assertThat(first.version()).isEqualTo("\"0\"");
                  int again = replayed(answers);
                  // The first answer is told once at most: if it was lost, never.
                  assertThat(again).as(name).isGreaterThanOrEqualTo(copies - 1);
                  if (lost.contains(name) && again == copies) retold.incrementAndGet();
                  own++;
                }
                return own;
              });
      assertThat(done.stream().mapToInt(own -> own).sum()).isEqualTo(keys);
      assertThat(killed.get()).isTrue();
      // The node was killed while it answered, and the other one told what it had done.
      assertThat(sent.get()).isGreaterThan(keys * copies);
      assertThat(lost).isNotEmpty();
      cluster.commandNodes.forEach(ServiceProcess::awaitReady);
      Audit audit = cluster.audit();
      List<Audit.Stored> events = audit.assertStoreHasNoGap();
      assertThat(events).hasSize(keys);
      assertThat(events.stream().map(FaultsIT::name)).doesNotHaveDuplicates();
      audit.assertReadModelEqualsFold();
      System.out.printf(
          "%,d keys, %,d requests, %,d of them because of no answer, 503, 504 or 409;"
              + " answers under %,d keys were lost, under %,d of them the first one%n",
          keys, sent.get(), sent.get() - keys * copies, lost.size(), retold.get());
    }
  }

  private static void run(int clients, Map<String, String> settings, Faults faults)
      throws Exception {
    try (var postgres = CrashablePostgres.start()) {
      run(
          postgres.database(),
          clients,
          settings,
          (cluster, answers) -> faults.happen(cluster, postgres, answers));
    }
  }

  /** What happens during a run on whatever servers. */
  interface Failures {
    void happen(Cluster cluster, Map<String, Integer> answers) throws Exception;
  }

  private static void run(
      TestPostgres.Database database, int clients, Map<String, String> settings, Failures failures)
      throws Exception {
    try (var cluster = new Cluster(database, 2, 1, settings);
        var client = new ImportsClient(Cluster.KEY, 2 * clients)) {
      var answers = new ConcurrentHashMap<String, Integer>();
      var over = new AtomicBoolean();
      String shared = id(client.send("POST", cluster.commands(0), body("shared"))).orElseThrow();
      answers.put("shared", 201);
      var happened =
          new FutureTask<>(
              () -> {
                try {
                  failures.happen(cluster, answers);
                } finally {
                  over.set(true);
                }
                return true;
              });
      Thread.ofPlatform().start(happened);
      List<Long> longest =
          Clients.act(
              clients, number -> write(client, cluster, number, shared, over::get, answers));
      assertThat(happened.get()).isTrue();

      // Whoever is down comes back by itself; a command then is answered as ever.
      cluster.commandNodes.forEach(ServiceProcess::awaitReady);
      for (int node = 0; node < 2; node++) {
        String name = "after all, node " + node;
        Answer last = client.send("POST", cluster.commands(node), body(name));
        assertThat(last.status()).as(last.body()).isEqualTo(201);
        answers.put(name, 201);
      }

      Audit audit = cluster.audit();
      List<Audit.Stored> events = audit.assertStoreHasNoGap();
      assertStoredAsAnswered(answers, events);
      audit.assertReadModelEqualsFold();
      audit.assertTopicHoldsEveryEventOnceAndInOrder();
      var byStatus = new TreeMap<Integer, Integer>();
      answers.values().forEach(status -> byStatus.merge(status, 1, Integer::sum));
      System.out.printf(
          "%,d events; writes by their answer: %s (0: none came); longest wait %,d ms%n",
          events.size(),
          byStatus,
          Duration.ofNanos(longest.stream().mapToLong(l -> l).max().orElse(0)).toMillis());
    }
  }

  /** Each answered write is stored exactly once, none that was refused is, the others at most. */
  private static void assertStoredAsAnswered(
      Map<String, Integer> answers, List<Audit.Stored> events) {
    var stored = new HashMap<String, Integer>();
    for (Audit.Stored event : events) {
      String name = name(event);
      if (name != null) stored.merge(name, 1, Integer::sum);
    }
    answers.forEach(
        (name, status) -> {
          int times = stored.getOrDefault(name, 0);
          switch (status) {
            case 200, 201 -> assertThat(times).as("%s was answered %d", name, status).isEqualTo(1);
            case 503 -> assertThat(times).as("%s was answered 503", name).isZero();
            case 504, NO_ANSWER -> assertThat(times).as("%s", name).isLessThanOrEqualTo(1);
            default -> throw new AssertionError(name + " was answered " + status);
          }
        });
    assertThat(stored.keySet()).isSubsetOf(answers.keySet());
  }

  private static @Nullable String name(Audit.Stored stored) {
    return switch (stored.event()) {
      case ImportCreated created -> created.fileName();
      case ImportDetailsChanged changed -> changed.fileName();
      default -> null;
    };
  }

  /** Until some more commands were answered by events. */
  private static void awaitMore(Map<String, Integer> answers) throws SQLException {
    long before = stored(answers);
    Audit.await("more commands are answered", () -> stored(answers) >= before + 200);
  }

  private static long stored(Map<String, Integer> answers) {
    return answers.values().stream().filter(status -> status == 200 || status == 201).count();
  }

  /** Condition that may change at any time. */
  interface Over {
    boolean get();
  }

  /** Creates and changes imports until it is over; returns the longest wait for an answer. */
  private static long write(
      ImportsClient client,
      Cluster cluster,
      int number,
      String shared,
      Over over,
      Map<String, Integer> answers) {
    long longest = 0;
    String own = null;
    for (int i = 0; !over.get(); i++) {
      String name = number + "-" + i;
      String url = cluster.commands(number + i);
      long start = System.nanoTime();
      int status;
      if (i % 8 == 2) {
        // Under a key, whatever happens is repeated until it has happened, and then once more.
        var sent = new AtomicInteger();
        var lost = new HashSet<String>();
        Answer first = repeated(client, cluster, number + i, name, sent, lost);
        Answer second = repeated(client, cluster, number + i + 1, name, sent, lost);
        assertThat(Told.by(second)).isEqualTo(Told.by(first));
        assertThat(replayed(List.of(second))).isOne();
        status = first.status();
      } else if (own == null || i % 4 == 0) {
        Answer created = send(client, "POST", url, name);
        status = created.status();
        if (status == 201) own = id(created).orElseThrow();
      } else {
        status = send(client, "PUT", url + (i % 16 == 1 ? shared : own), name).status();
      }
      longest = Math.max(longest, System.nanoTime() - start);
      answers.put(name, status);
      // A node that is down refuses thousands of connections a second.
      if (status == NO_ANSWER) LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
    }
    return longest;
  }

  /** What an answer tells, whoever gives it and however often. */
  private record Told(
      int status, String body, @Nullable String location, @Nullable String version) {
    static Told by(Answer answer) {
      return new Told(
          answer.status(),
          answer.body(),
          answer.headers().get("location"),
          answer.headers().get("etag"));
    }
  }

  private static int replayed(List<Answer> answers) {
    return Math.toIntExact(
        answers.stream()
            .filter(answer -> "true".equals(answer.headers().get("idempotency-replayed")))
            .count());
  }

  private static Answer send(ImportsClient client, String method, String url, String name) {
    try {
      return client.send(method, url, body(name));
    } catch (UncheckedIOException e) {
      return new Answer(NO_ANSWER, "", Map.of());
    }
  }

  /**
   * Sends a request under its key to one node after the other until it is answered.
   *
   * @param lost receives the key if an answer was lost on the way
   */
  private static Answer repeated(
      ImportsClient client,
      Cluster cluster,
      int number,
      String name,
      AtomicInteger sent,
      Set<String> lost) {
    for (int node = number; ; node++) {
      sent.incrementAndGet();
      Answer answer;
      try {
        answer = client.send("POST", cluster.commands(node), body(name), name);
      } catch (UncheckedIOException e) {
        answer = new Answer(NO_ANSWER, "", Map.of());
        // Whoever is down already has done nothing.
        if (!(e.getCause() instanceof ConnectException)) lost.add(name);
      }
      if (answer.status() == 201) return answer;
      assertThat(answer.status()).as(answer.body()).isIn(NO_ANSWER, 503, 504, 409);
      LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
    }
  }

  private static String body(String name) {
    return "{\"source\":\"csv_upload\",\"file_name\":\"" + name + "\"}";
  }

  private static java.util.Optional<String> id(Answer answer) {
    return answer.status() == 201
        ? java.util.Optional.of(answer.json().get("id").stringValue())
        : java.util.Optional.empty();
  }

  private static void crash(CrashablePostgres postgres) {
    postgres.crash();
    pause(1);
    postgres.restart();
  }

  private static void awaitLookingForPostgres(ServiceProcess node) throws SQLException {
    Audit.await(
        "a new node that misses PostgreSQL",
        () -> {
          pause(1);
          // The one that was killed wrote to the same file.
          String[] told = node.output().split("Starting CommandSideApplication", -1);
          return (told.length > 2 && told[2].contains("refused")) || !node.isAlive();
        });
  }

  /** Takes every connection there is, those of the nodes as well, and keeps them. */
  private static void takeAllConnections(CrashablePostgres postgres, Duration during)
      throws SQLException {
    var taken = new ArrayList<Connection>();
    try {
      // However long that takes a slow machine.
      boolean isOneLeft;
      do isOneLeft = takeOne(postgres, taken);
      while (isOneLeft);
      long end = System.nanoTime() + during.toNanos();
      while (System.nanoTime() < end) {
        if (takeOne(postgres, taken)) continue;
        LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
        endOthers(taken.getFirst());
      }
    } finally {
      for (Connection one : taken) one.close();
    }
  }

  /** Takes a connection, and tells whether there was one left. */
  private static boolean takeOne(CrashablePostgres postgres, List<Connection> taken)
      throws SQLException {
    try {
      Connection one = postgres.database().connect();
      taken.add(one);
      try (var statement = one.createStatement()) {
        statement.execute("set application_name = 'taker'");
      }
      return true;
    } catch (SQLException e) {
      assertThat(e.getSQLState()).as(e.getMessage()).isEqualTo(TOO_MANY_CONNECTIONS);
      return false;
    }
  }

  private static void endOthers(Connection taken) throws SQLException {
    try (var statement = taken.createStatement()) {
      statement.execute(
          "select pg_terminate_backend(pid) from pg_stat_activity"
              + " where backend_type = 'client backend' and application_name <> 'taker'");
    }
  }

  private static void fillDisk(CrashablePostgres postgres, Duration during) throws IOException {
    Path ballast = postgres.directory().resolve("ballast");
    var zeros = new byte[1 << 16];
    long end = System.nanoTime() + during.toNanos();
    while (System.nanoTime() < end) {
      try (OutputStream out =
          Files.newOutputStream(
              ballast,
              java.nio.file.StandardOpenOption.CREATE,
              java.nio.file.StandardOpenOption.APPEND)) {
        for (int i = 0; i < 1_000_000; i++) out.write(zeros);
      } catch (IOException e) {
        // Full, as it should be.
        LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
      }
    }
    Files.delete(ballast);
    // A server that could not even recover on a full disk ends, and is started by who looks after
    // it.
    try (Connection alive = postgres.database().connect()) {
      assertThat(alive.isValid(5)).isTrue();
    } catch (SQLException e) {
      postgres.restart();
    }
  }

  private static void pause(int seconds) {
    LockSupport.parkNanos(Duration.ofSeconds(seconds).toNanos());
  }
}
