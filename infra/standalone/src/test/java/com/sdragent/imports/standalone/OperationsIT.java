package com.sdragent.imports.standalone;

import static com.sdragent.imports.standalone.RunningService.json;
import static com.sdragent.imports.standalone.RunningService.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sdragent.imports.access.keys.KeyToken;
import com.sdragent.imports.testservers.CrashablePostgres;
import com.sdragent.imports.testservers.TestPostgres;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationState;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.databind.JsonNode;

/**
 * What those who run the service look at; on a database that an earlier version left, and whose
 * defaults are not the service's.
 */
@ExtendWith(OutputCaptureExtension.class)
class OperationsIT {
  private static CrashablePostgres server;
  private static ConfigurableApplicationContext service;

  @BeforeAll
  static void start() throws SQLException {
    server = CrashablePostgres.start();
    try (Connection session = server.database().connect();
        Statement statement = session.createStatement()) {
      statement.execute("create database operations");
    }
    TestPostgres.Database main = server.database();
    var database =
        new TestPostgres.Database(
            main.jdbcUrl().replaceFirst("/[^/?]+(\\?|$)", "/operations$1"),
            main.username(),
            main.password());
    KeptDump.restore(database);
    TestPostgres.makeHostile(database);
    service = RunningService.start(database, "operations", true);
  }

  @AfterAll
  static void stop() {
    service.close();
    server.close();
  }

  @Test
  void a_kept_dump_is_taken_over_and_read() {
    assertThat(service.getBean(Flyway.class).info().all())
        .extracting(MigrationInfo::getState)
        .isSubsetOf(MigrationState.SUCCESS, MigrationState.OUT_OF_ORDER);
    JdbcTemplate pool = service.getBean(JdbcTemplate.class);
    assertThat(pool.queryForList(UNLINKED, Long.class)).isEmpty();

    List<String> imports =
        pool.query(
            "select id from import_view where file_name = 'a.csv'", (row, _) -> row.getString(1));
    assertThat(imports).hasSize(1);
    String path = "/imports/" + imports.getFirst();
    JsonNode read = json(send(request(path).header("X-API-Key", KeptDump.KEY.secretText())));
    assertThat(read.get("status").stringValue()).isEqualTo("completed");
    assertThat(read.get("total_rows").intValue()).isEqualTo(7);
    assertThat(
            json(send(request(path + "/events").header("X-API-Key", RunningService.AUDITOR_KEY))))
        .hasSize(5);
    assertThat(json(get("/admin/projections/imports/parked"))).hasSize(1);
    await().untilAsserted(() -> assertThat(json(get("/admin/publication/parked"))).hasSize(1));
    assertThat(json(get("/admin/projections/imports/rebuild")).get("state").stringValue())
        .isEqualTo("completed");
  }

  private static final String UNLINKED =
      """
      select position from (
        select position, hash, domain_event_digest(e) as digest,
               lag(hash, 1, decode(repeat('00', 32), 'hex')) over (order by position) as previous
        from domain_event e) linked
      where hash <> sha256(previous || int8send(position) || digest)
      """;

  @Test
  void metrics_tell_of_requests_appended_events_batches_and_lags() {
    double before = metric("imports_events_appended_total");
    HttpRequest.Builder post =
        request("/imports/")
            .header("X-API-Key", RunningService.KEY)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString("{\"source\":\"s\"}"));
    assertThat(send(post).statusCode()).isEqualTo(201);

    assertThat(metric("imports_events_appended_total")).isGreaterThan(before);
    assertThat(metric("imports_append_batch_size_count")).isPositive();
    assertThat(metric("http_server_requests_seconds_count\\{[^}]*method=\"POST\"[^}]*}"))
        .isPositive();
    await()
        .untilAsserted(
            () -> {
              assertThat(metric("imports_projection_lag_events")).isZero();
              assertThat(metric("imports_projection_lag_seconds")).isZero();
              assertThat(metric("imports_relay_lag_events")).isZero();
              assertThat(metric("imports_relay_lag_seconds")).isZero();
            });
    assertThat(metric("imports_projection_batch_size_count")).isPositive();
  }

  @Test
  void a_database_with_hostile_defaults_changes_nothing_in_an_answer() {
    HttpResponse<String> created =
        send(
            request("/imports/")
                .header("X-API-Key", RunningService.KEY)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"source\":\"it's\\\\'\"}")));
    assertThat(created.statusCode()).isEqualTo(201);
    JsonNode one = json(created);
    assertThat(one.get("source").stringValue()).isEqualTo("it's\\'");
    assertThat(one.get("file_name").isNull()).isTrue();

    String id = one.get("id").stringValue();
    var read = json(send(request("/imports/" + id).header("X-API-Key", RunningService.KEY)));
    assertThat(read).isEqualTo(one);
    assertThat(read.get("created_at").stringValue()).endsWith("Z");
    JsonNode list = json(send(request("/imports/").header("X-API-Key", RunningService.KEY)));
    assertThat(list).contains(one);
  }

  @Test
  void a_statement_of_the_pool_ends_in_postgresql_before_nobody_waits_for_it_any_more() {
    JdbcTemplate pool = service.getBean(JdbcTemplate.class);
    assertThat(pool.queryForObject("show statement_timeout", String.class)).isEqualTo("4750ms");
  }

  @Test
  void the_metrics_are_those_that_are_documented_and_for_operators_alone() throws IOException {
    for (String path : List.of("/actuator", "/actuator/info", "/actuator/prometheus")) {
      assertThat(send(request(path)).statusCode()).as(path).isEqualTo(401);
      HttpRequest.Builder client = request(path).header("X-API-Key", RunningService.ADMIN_KEY);
      assertThat(send(client).statusCode()).as(path).isEqualTo(403);
      assertThat(get(path).statusCode()).as(path).isEqualTo(200);
    }
    HttpResponse<String> scraped = get("/actuator/prometheus");
    Set<String> documented = new TreeSet<>();
    Files.readAllLines(Path.of("..", "docs", "operations.md")).stream()
        .dropWhile(line -> !line.startsWith("| metric |"))
        .takeWhile(line -> line.startsWith("|"))
        .flatMap(line -> matches("`(imports_[a-z_]+)`", line.split("\\|", -1)[1]))
        .forEach(documented::add);
    Set<String> published = new TreeSet<>();
    matches("(?m)^# TYPE (imports_[a-z_]+) ", scraped.body())
        .map(name -> name.replaceFirst("_max$", ""))
        .forEach(published::add);
    assertThat(documented).isEqualTo(published);
  }

  private static Stream<String> matches(String pattern, String text) {
    return Pattern.compile(pattern).matcher(text).results().map(match -> match.group(1));
  }

  @Test
  void health_has_a_liveness_and_a_readiness_group_and_tells_of_projection_and_relay() {
    assertThat(json(get("/actuator/health/liveness")).get("status").stringValue()).isEqualTo("UP");
    JsonNode readiness = json(get("/actuator/health/readiness"));
    assertThat(readiness.get("status").stringValue()).isEqualTo("UP");
    assertThat(readiness.get("components").propertyNames())
        .containsExactlyInAnyOrder("readinessState", "db");
    JsonNode components = json(get("/actuator/health")).get("components");
    JsonNode projections = components.get("projection").get("components");
    assertThat(projections.get("imports").get("details").has("position")).isTrue();
    await()
        .untilAsserted(
            () ->
                assertThat(
                        json(get("/actuator/health"))
                            .get("components")
                            .get("relay")
                            .get("details")
                            .get("relay")
                            .stringValue())
                    .isEqualTo("active"));
  }

  @Test
  void health_tells_everybody_whether_and_operators_why() {
    String shown = send(request("/actuator/health")).body();
    assertThat(shown).contains("\"status\":\"UP\"", "\"relay\"", "\"db\"");
    assertThat(shown).doesNotContain("details", "path", "position", "Exception");
    HttpRequest.Builder client =
        request("/actuator/health").header("X-API-Key", RunningService.KEY);
    assertThat(send(client).body()).isEqualTo(shown);
    assertThat(get("/actuator/health").body()).contains("details", "position");
  }

  @Test
  @Timeout(60)
  void an_outage_of_the_database_is_logged_once_and_once_when_it_is_over(CapturedOutput log)
      throws Exception {
    String id = newImport();
    int before = log.getAll().length();
    var refused = new ConcurrentHashMap<String, Integer>();
    var answers = new ConcurrentHashMap<String, String>();
    var done = new AtomicBoolean();
    server.crash();
    try (var clients = Executors.newVirtualThreadPerTaskExecutor()) {
      for (String what :
          List.of(
              "GET /imports/",
              "GET /imports/" + id,
              "POST /imports/",
              "PUT /imports/" + id,
              "GET /imports/?limit=5",
              "GET /events",
              "GET /imports/guess",
              "GET /actuator/health")) {
        clients.execute(
            () -> {
              while (!done.get()) {
                HttpResponse<String> answer = send(asked(what));
                if (answer.statusCode() < 500) continue;
                refused.merge(what, 1, Integer::sum);
                answers.put(answer.body(), what);
              }
            });
      }
      try {
        await().atMost(Duration.ofSeconds(30)).until(() -> refused.size() == 8);
      } finally {
        done.set(true);
      }
      // What the restart of the fixture logs is its own.
      String during = log.getAll().substring(before);
      assertThat(during).doesNotContain("\tat ", "Caused by", "HikariPool", "HHH000247");
      assertThat(during.lines()).hasSizeLessThan(25);
      server.restart();
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> log.getAll().substring(before).contains("Over after"));
    }
    await().until(() -> get("/actuator/health").statusCode() == 200);
    String logged = log.getAll().substring(before);
    assertThat(logged.lines().filter(line -> line.contains("Outage  ")))
        .as(logged)
        .satisfiesExactly(
            began ->
                assertThat(began)
                    .contains("PostgreSQL does not answer: ")
                    .containsPattern("\\[[0-9a-f-]{36}] "),
            ended -> assertThat(ended).contains("Over after "));
    for (String answer : answers.keySet()) {
      assertThat(answer).doesNotContain("Exception", "localhost", "org.", "java", "select ");
    }
  }

  private static HttpRequest.Builder asked(String what) {
    String method = what.substring(0, what.indexOf(' '));
    String path = what.substring(what.indexOf(' ') + 1);
    String key =
        path.startsWith("/actuator")
            ? RunningService.OPERATOR_KEY
            : path.startsWith("/events")
                ? RunningService.AUDITOR_KEY
                : path.endsWith("guess")
                    ? KeyToken.create("test").secretText()
                    : RunningService.KEY;
    HttpRequest.Builder request = request(path).header("X-API-Key", key);
    return method.equals("GET")
        ? request
        : request
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString("{\"source\":\"s" + System.nanoTime() + "\"}"));
  }

  private static String newImport() {
    return json(send(asked("POST /imports/"))).get("id").stringValue();
  }

  private static double metric(String name) {
    Matcher line =
        Pattern.compile("(?m)^" + name + "(?:\\{[^}]*})? (\\S+)$")
            .matcher(get("/actuator/prometheus").body());
    assertThat(line.find()).as("a metric %s", name).isTrue();
    return Double.parseDouble(line.group(1));
  }

  private static HttpResponse<String> get(String path) {
    return send(request(path).header("X-API-Key", RunningService.OPERATOR_KEY));
  }

  private static HttpRequest.Builder request(String path) {
    String port = service.getEnvironment().getProperty("local.server.port");
    return HttpRequest.newBuilder(URI.create("http://localhost:" + port + path));
  }
}
