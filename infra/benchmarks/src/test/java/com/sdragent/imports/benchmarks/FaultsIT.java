package com.sdragent.imports.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.benchmarks.ImportsClient.Answer;
import com.sdragent.imports.events.ImportCreated;
import com.sdragent.imports.events.ImportDetailsChanged;
import com.sdragent.imports.testservers.CrashablePostgres;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
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

  private static void run(int clients, Map<String, String> settings, Faults faults)
      throws Exception {
    try (var postgres = CrashablePostgres.start();
        var cluster = new Cluster(postgres.database(), 2, 1, settings);
        var client = new ImportsClient(Cluster.KEY, 2 * clients)) {
      var answers = new ConcurrentHashMap<String, Integer>();
      var over = new AtomicBoolean();
      String shared = id(client.send("POST", cluster.commands(0), body("shared"))).orElseThrow();
      answers.put("shared", 201);
      var happened =
          new FutureTask<>(
              () -> {
                try {
                  faults.happen(cluster, postgres, answers);
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
      if (own == null || i % 4 == 0) {
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

  private static Answer send(ImportsClient client, String method, String url, String name) {
    try {
      return client.send(method, url, body(name));
    } catch (UncheckedIOException e) {
      return new Answer(NO_ANSWER, "");
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
    long end = System.nanoTime() + during.toNanos();
    try {
      while (System.nanoTime() < end) {
        try {
          Connection one = postgres.database().connect();
          taken.add(one);
          try (var statement = one.createStatement()) {
            statement.execute("set application_name = 'taker'");
          }
        } catch (SQLException e) {
          LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
          if (!taken.isEmpty()) endOthers(taken.getFirst());
        }
      }
    } finally {
      for (Connection one : taken) one.close();
    }
    assertThat(taken).hasSizeGreaterThan(100);
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
