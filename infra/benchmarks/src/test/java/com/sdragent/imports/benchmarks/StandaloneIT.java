package com.sdragent.imports.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.benchmarks.ImportsClient.Answer;
import com.sdragent.imports.testservers.ServiceProcess;
import com.sdragent.imports.testservers.TestPostgres;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The standalone as its users run it: a process with an embedded PostgreSQL and Kafka. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class StandaloneIT {
  private static final String KEY = "sk_live_1234567890abcdef";
  private static final Path JAR =
      Cluster.HOME.resolve("infra").resolve("standalone").resolve("target").resolve("imports.jar");
  private static final Path LOGS = Path.of("target", "processes");
  private static final int CLIENTS = 16;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private static Path directory;

  private final Instant begun = Instant.now().truncatedTo(ChronoUnit.MICROS);
  private final int postgresPort = ServiceProcess.freePort();
  private final int kafkaPort = ServiceProcess.freePort();

  /** Both tests have the first start on new data; the second one ends it. */
  private ServiceProcess first;

  @BeforeAll
  void start() {
    Map<String, String> mistyped = Map.of("imports.qeury.max-wait", "1s");
    first = start(mistyped, "-Duser.language=tr", "-Duser.country=TR");
  }

  @AfterAll
  void end() {
    first.kill();
  }

  @Test
  @Order(1)
  void it_says_how_to_try_it_what_it_says_works_and_a_second_one_spares_its_data() {
    ServiceProcess service = first.awaitReady();
    try (var byKey = new ImportsClient(KEY, 1)) {
      Matcher curl = awaitOutput(service, "curl -X POST \"([^\"]+)\" -H \"X-API-Key: (\\S+)\".*");
      assertThat(curl.group(1)).isEqualTo(service.url() + "/imports/");
      assertThat(curl.group(2)).isEqualTo(KEY);
      Answer created =
          byKey.send("POST", curl.group(1), curl.group().replaceFirst("(?s).*-d '(.*)'.*", "$1"));
      assertThat(created.status()).isEqualTo(201);
      assertThat(created.json().get("org_id").stringValue()).isEqualTo(Cluster.ORGANIZATION);

      String token = awaitOutput(service, "Demo bearer token +(\\S+)").group(1);
      try (var byToken = ImportsClient.withToken(token, 1)) {
        String id = created.json().get("id").stringValue();
        assertThat(byToken.send("GET", service.url() + "/imports/" + id, null).body())
            .isEqualTo(created.body());
      }

      assertThat(service.output())
          .as("what it does while it starts for the first time, and nothing that worries anybody")
          .contains("Unpacking PostgreSQL into ", "Making a database in ")
          .contains("Formatting Kafka's storage in ", "Migrating the database: ")
          .contains("imports.qeury.max-wait is no setting", "nearest is imports.query.max-wait")
          .doesNotContain("WARNING: ");
      assertThat(
              failure(Map.of("imports.standalone.data-directory", directory.resolve("data") + "")))
          .contains("Another process uses the data directory")
          .contains("imports.standalone.data-directory");
      String other = "{\"source\":\"s\",\"file_name\":\"other\"}";
      assertThat(byKey.send("POST", service.url() + "/imports/", other).status()).isEqualTo(201);
    }
  }

  @Test
  @Order(2)
  void after_a_kill_and_after_a_stop_under_load_all_is_there_in_any_language_and_zone()
      throws Exception {
    var database =
        new TestPostgres.Database(
            "jdbc:postgresql://localhost:" + postgresPort + "/imports", "postgres", "");
    Map<String, Written> answered = new ConcurrentHashMap<>();
    underLoad(first.awaitReady(), "killed", answered, first::kill);
    int beforeTheKill = answered.size();

    try (var service = start(Map.of(), "-Duser.language=ar", "-Duser.country=EG")) {
      service.awaitReady();
      assertAllThere(service, answered);
      UtcTimes.moveToKathmandu(database);
      // Unlike one that is killed, it leaves no request without its answer.
      underLoad(
          service,
          "stopped",
          answered,
          () -> {
            service.signal("TERM");
            assertThat(service.awaitExit()).as("128 + SIGTERM").isEqualTo(143);
          });
      assertThat(service.output()).doesNotContain("Exception");
      assertThat(directory.resolve("data/postgres/postmaster.pid")).doesNotExist();
    }

    try (var service = start(Map.of(), "-Duser.timezone=Asia/Kathmandu");
        var client = new ImportsClient(KEY, 1)) {
      service.awaitReady();
      assertAllThere(service, answered);
      var audit = new Audit(database, "localhost:" + kafkaPort, "imports.events");
      int events = audit.assertStoreHasNoGap().size();
      audit.assertReadModelEqualsFold();
      audit.assertTopicHoldsEveryEventOnceAndInOrder();
      System.out.printf(
          "kill -9 and SIGTERM under load: %,d and %,d imports answered, %,d events, none lost%n",
          beforeTheKill, answered.size() - beforeTheKill, events);
      new UtcTimes(client, service.url(), database, begun).assertUtcEverywhere();
    }
  }

  private ServiceProcess start(Map<String, String> more, String... jvm) {
    var options = new ArrayList<>(List.of("-Xmx512m", "-XX:+UseSerialGC"));
    options.addAll(List.of(jvm));
    var settings = new HashMap<String, String>();
    settings.put("imports.standalone.data-directory", directory.resolve("data").toString());
    settings.put("imports.standalone.postgres-port", Integer.toString(postgresPort));
    settings.put("imports.standalone.kafka-port", Integer.toString(kafkaPort));
    settings.putAll(more);
    return ServiceProcess.start(
        JAR,
        Cluster.jvm(options),
        settings,
        LOGS.resolve("standalone-" + UUID.randomUUID() + ".log"));
  }

  /** The one line that it prints when it cannot start with these settings. */
  private String failure(Map<String, String> settings) {
    var more = new HashMap<>(settings);
    more.putIfAbsent(
        "imports.standalone.data-directory",
        directory.resolve("other-" + UUID.randomUUID()).toString());
    more.putIfAbsent("imports.standalone.postgres-port", "0");
    more.putIfAbsent("imports.standalone.kafka-port", "0");
    try (var service = start(more)) {
      assertThat(service.awaitExit()).isEqualTo(1);
      List<String> lines =
          service
              .output()
              .lines()
              .filter(line -> !line.startsWith("Starting the "))
              // The virtual machine's own, when Kafka's broker unmaps its files.
              .filter(line -> !line.startsWith("WARNING: "))
              .toList();
      assertThat(lines).as("what it printed with %s", settings).hasSize(1);
      assertThat(lines.getFirst()).startsWith("The imports service did not start. ");
      return lines.getFirst();
    }
  }

  private static Matcher awaitOutput(ServiceProcess service, String pattern) {
    var compiled = Pattern.compile(pattern);
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (System.nanoTime() < deadline) {
      Matcher matcher = compiled.matcher(service.output());
      if (matcher.find()) return matcher;
      LockSupport.parkNanos(10_000_000);
    }
    throw new AssertionError("It did not print " + pattern + ": " + service.output());
  }

  /** What a client knows of an import that it made: what was answered, and what was asked next. */
  private record Written(String id, long answeredRows, long askedRows) {}

  /**
   * Ends the service in the middle of what 16 clients do, once they have had 500 answers. They go
   * when it says that it is not ready, or refuses a connection.
   */
  private static void underLoad(
      ServiceProcess service, String name, Map<String, Written> answered, Runnable end)
      throws InterruptedException {
    var answers = new AtomicInteger();
    try (var client = new ImportsClient(KEY, CLIENTS + 1);
        var balancer = new Balancer(client, List.of(service))) {
      Clients.act(
          CLIENTS + 1,
          number -> {
            if (number == CLIENTS) {
              while (answers.get() < 500) LockSupport.parkNanos(1_000_000);
              end.run();
              return 0;
            }
            for (int i = 0; ; i++) {
              String file = name + "-" + number + "-" + i;
              try {
                if (!write(balancer, file, answered, answers)) return i;
              } catch (UncheckedIOException e) {
                if (name.equals("stopped")) throw e;
                return i;
              }
            }
          });
    }
  }

  /** Writes an import some times, and says whether the service was there for that. */
  private static boolean write(
      Balancer balancer, String file, Map<String, Written> answered, AtomicInteger answers) {
    Optional<Answer> created =
        balancer.send("POST", "/imports/", "{\"source\":\"s\",\"file_name\":\"" + file + "\"}");
    if (created.isEmpty()) return false;
    assertThat(created.get().status()).as(created.get().body()).isEqualTo(201);
    String id = created.get().json().get("id").stringValue();
    answered.put(file, new Written(id, 0, 0));
    answers.incrementAndGet();
    for (long rows = 1; rows <= 3; rows++) {
      answered.put(file, new Written(id, rows - 1, rows));
      Optional<Answer> updated =
          balancer.send("PUT", "/imports/" + id, "{\"total_rows\":" + rows + "}");
      if (updated.isEmpty()) return false;
      assertThat(updated.get().status()).as(updated.get().body()).isEqualTo(200);
      answered.put(file, new Written(id, rows, rows));
      answers.incrementAndGet();
    }
    return true;
  }

  private static void assertAllThere(ServiceProcess service, Map<String, Written> answered) {
    try (var client = new ImportsClient(KEY, 1)) {
      Map<String, JsonNode> byFile = new TreeMap<>();
      var twice = new ArrayList<String>();
      for (JsonNode row : client.send("GET", service.url() + "/imports/", null).json()) {
        String file = row.get("file_name").stringValue();
        if (byFile.put(file, row) != null) twice.add(file);
      }
      assertThat(twice).isEmpty();
      assertThat(byFile.keySet()).containsAll(answered.keySet());
      answered.forEach(
          (file, written) -> {
            JsonNode row = Objects.requireNonNull(byFile.get(file));
            assertThat(row.get("id").stringValue()).isEqualTo(written.id());
            assertThat(row.get("total_rows").longValue())
                .isBetween(written.answeredRows(), written.askedRows());
          });
    }
  }
}
