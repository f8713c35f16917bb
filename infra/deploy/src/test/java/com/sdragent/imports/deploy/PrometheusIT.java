package com.sdragent.imports.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sdragent.imports.testservers.ServiceProcess;
import com.sdragent.imports.testservers.TestKafka;
import com.sdragent.imports.testservers.TestPostgres;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A real Prometheus scrapes a node of each side, and is asked what the board and the alerts ask.
 */
class PrometheusIT {
  private static final Path HOME = Path.of("..", "..");
  private static final String KEY = "sk_of_the_boards_test";
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  @TempDir static Path directory;
  private static final List<ServiceProcess> NODES = new ArrayList<>();
  private static Process prometheus;
  private static int port;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    assumeTrue(
        isThere("prometheus") && isThere("promtool"),
        "The queries of board and alerts are not tried: that needs Prometheus, which is not"
            + " there.");
    int command = ServiceProcess.freePort();
    int query = ServiceProcess.freePort();
    startNodes(command, query);
    port = ServiceProcess.freePort();
    Files.copy(Queries.ALERTS, directory.resolve("alerts.yaml"));
    Files.writeString(
        directory.resolve("prometheus.yaml"),
        Files.readString(Path.of("prometheus", "prometheus.yaml"))
            .replace("_interval: 15s", "_interval: 1s")
            .replace("\"command-1:9090\", \"command-2:9090\"", "\"localhost:" + command + "\"")
            .replace("\"query-1:9090\", \"query-2:9090\"", "\"localhost:" + query + "\""));
    prometheus =
        new ProcessBuilder(
                "prometheus",
                "--config.file=" + directory.resolve("prometheus.yaml"),
                "--storage.tsdb.path=" + directory.resolve("data"),
                "--web.listen-address=127.0.0.1:" + port)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("prometheus.log").toFile())
            .start();
    drive();
  }

  private static void startNodes(int commandManagement, int queryManagement) {
    var database = TestPostgres.freshDatabase();
    var settings = new HashMap<String, String>();
    settings.put("spring.datasource.url", database.jdbcUrl());
    settings.put("spring.datasource.username", database.username());
    settings.put("spring.datasource.password", database.password());
    settings.put("imports.query.reads.username", TestPostgres.READS_USERNAME);
    settings.put("imports.query.reads.password", TestPostgres.READS_PASSWORD);
    settings.put("spring.kafka.bootstrap-servers", TestKafka.bootstrapServers());
    settings.put("imports.relay.replication-factor", "1");
    settings.put("imports.relay.events-topic", "boards.events");
    settings.put("imports.relay.state-topic", "boards.state");
    settings.put("imports.relay.position-topic", "boards.relay");
    settings.put("imports.access.api-keys[0].key", KEY);
    settings.put("imports.access.api-keys[0].name", "boards test");
    settings.put("imports.access.api-keys[0].organization", "123e4567-e89b-12d3-a456-426614174000");
    settings.put("imports.access.limits.per-key.requests", "100000");
    for (String side : List.of("command-side", "query-side")) {
      settings.put(
          "management.server.port",
          Integer.toString(side.equals("command-side") ? commandManagement : queryManagement));
      NODES.add(
          ServiceProcess.start(
              HOME.resolve(side).resolve("target").resolve(side + "-exec.jar"),
              List.of("-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
              settings,
              Path.of("target", "processes", side + ".log")));
    }
    int management = commandManagement;
    for (ServiceProcess node : NODES) {
      awaitReady(node, management);
      management = queryManagement;
    }
  }

  private static void awaitReady(ServiceProcess node, int management) {
    await()
        .atMost(Duration.ofSeconds(90))
        .ignoreExceptions()
        .until(
            () ->
                CLIENT
                        .send(
                            HttpRequest.newBuilder(
                                    URI.create(
                                        "http://localhost:"
                                            + management
                                            + "/actuator/health/readiness"))
                                .build(),
                            BodyHandlers.discarding())
                        .statusCode()
                    == 200);
    assertThat(node.isAlive()).isTrue();
  }

  /** Asks both sides for all that leaves a trace in the metrics, until Prometheus has two of it. */
  private static void drive() throws IOException, InterruptedException {
    for (int round = 0; round < 2; round++) {
      String scraped = scrapes();
      for (int n = 0; n < 5; n++) {
        String created = send(0, "POST", "/imports/", "{\"source\": \"csv_upload\"}").body();
        String id = JsonMapper.shared().readTree(created).get("id").stringValue();
        send(0, "PUT", "/imports/" + id, "{\"status\": \"processing\"}");
        send(1, "GET", "/imports/" + id, "");
        send(1, "GET", "/imports/", "");
        send(1, "GET", "/imports/summary", "");
        send(1, "GET", "/imports/00000000-0000-0000-0000-000000000000", "");
        send(0, "GET", "/imports/", "", "sk_of_nobody_that_is_known");
      }
      await().atMost(Duration.ofSeconds(30)).until(() -> !scrapes().equals(scraped));
    }
  }

  private static String scrapes() {
    return values("sum(scrape_samples_scraped) + sum(count_over_time(up[1h]))").toString();
  }

  @AfterAll
  static void stop() {
    if (prometheus != null) prometheus.destroy();
    NODES.forEach(ServiceProcess::kill);
  }

  @Test
  void every_panel_shows_something() {
    assertData(Queries.ofTheBoard());
  }

  @Test
  void every_alert_looks_at_something_that_there_is() {
    assertData(Queries.ofTheAlerts());
  }

  @Test
  void nothing_is_alarmed_while_all_is_well() {
    assertThat(get("/api/v1/alerts").at("/data/alerts").valueStream().map(JsonNode::toString))
        .isEmpty();
    assertThat(get("/api/v1/rules").at("/data/groups/0/rules").valueStream())
        .hasSameSizeAs(Queries.alerts())
        .allSatisfy(rule -> assertThat(rule.get("health").stringValue()).isNotEqualTo("err"));
  }

  @Test
  void promtool_takes_alerts_and_configuration() throws IOException, InterruptedException {
    Process check =
        new ProcessBuilder("promtool", "check", "config", "prometheus/prometheus.yaml")
            .redirectErrorStream(true)
            .start();
    String said = new String(check.getInputStream().readAllBytes(), UTF_8);
    assertThat(check.waitFor()).as(said).isZero();
    assertThat(said).contains(Queries.alerts().size() + " rules found");
  }

  private static void assertData(Map<String, String> queries) {
    var without = new ArrayList<String>();
    queries.forEach(
        (where, query) -> {
          String now = query.replace("$__rate_interval", "1m");
          if (values(now).isEmpty()) without.add(where + ": " + now);
        });
    assertThat(without).isEmpty();
  }

  private static List<String> values(String query) {
    return get("/api/v1/query?query=" + URLEncoder.encode(query, UTF_8))
        .at("/data/result")
        .valueStream()
        .map(sample -> sample.at("/value/1").stringValue())
        .toList();
  }

  private static JsonNode get(String path) {
    URI address = URI.create("http://127.0.0.1:" + port + path);
    return await()
        .ignoreExceptions()
        .until(
            () ->
                JsonMapper.shared()
                    .readTree(
                        CLIENT
                            .send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString())
                            .body()),
            answer -> answer.path("status").asString("").equals("success"));
  }

  private static HttpResponse<String> send(int node, String method, String path, String body)
      throws IOException, InterruptedException {
    return send(node, method, path, body, KEY);
  }

  private static HttpResponse<String> send(
      int node, String method, String path, String body, String key)
      throws IOException, InterruptedException {
    return CLIENT.send(
        HttpRequest.newBuilder(URI.create(NODES.get(node).url() + path))
            .header("X-API-Key", key)
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  private static boolean isThere(String program) {
    for (String folder : System.getenv("PATH").split(":", -1)) {
      if (Files.isExecutable(Path.of(folder, program))) return true;
    }
    return false;
  }
}
