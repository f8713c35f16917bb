package com.sdragent.imports.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.awaitility.Awaitility.await;

import com.sdragent.imports.testservers.ServiceProcess;
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
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Nodes of each side, processes of their own, and a real Prometheus that scrapes them each second
 * with the configuration and the alerts of this folder.
 */
final class WatchedService implements AutoCloseable {
  static final String ORGANIZATION = "123e4567-e89b-12d3-a456-426614174000";
  static final String KEY = "sk_of_the_boards_test";
  private static final String COMMAND = "command-side";
  private static final String QUERY = "query-side";
  private static final List<String> JVM =
      List.of("-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
  private static final Path HOME = Path.of("..", "..");
  private static final Pattern MINUTES = Pattern.compile("\\b([0-9]+)m\\b");

  /** A scrape takes a second here and 15 elsewhere, so times are shorter as well. */
  private static final int SECONDS_OF_A_MINUTE = 2;

  private final HttpClient client = HttpClient.newHttpClient();
  private final Map<String, String> settings = new HashMap<>();
  private final Map<String, Node> nodes = new LinkedHashMap<>();
  private final int port = ServiceProcess.freePort();
  private final Process prometheus;

  /** A node, which has the same addresses when it is started again. */
  private record Node(String side, int port, int management, ServiceProcess process) {}

  /** Whether Prometheus is installed. */
  static boolean canBeWatched() {
    return isThere("prometheus") && isThere("promtool");
  }

  /**
   * Starts all and waits until the nodes are ready.
   *
   * @param nodesOfASide their names are such as {@code command-1} and {@code query-1}
   * @param hurried whether the times of the alerts are as short as the time between two scrapes
   */
  WatchedService(
      Path directory,
      TestPostgres.Database database,
      String kafka,
      int nodesOfASide,
      boolean hurried,
      Map<String, String> more)
      throws IOException {
    settings.put("spring.datasource.url", database.jdbcUrl());
    settings.put("spring.datasource.username", database.username());
    settings.put("spring.datasource.password", database.password());
    settings.put("imports.query.reads.username", TestPostgres.READS_USERNAME);
    settings.put("imports.query.reads.password", TestPostgres.READS_PASSWORD);
    settings.put("spring.kafka.bootstrap-servers", kafka);
    settings.put("imports.relay.replication-factor", "1");
    settings.put("imports.relay.events-topic", "boards.events");
    settings.put("imports.relay.state-topic", "boards.state");
    settings.put("imports.relay.position-topic", "boards.relay");
    settings.put("imports.access.api-keys[0].key", KEY);
    settings.put("imports.access.api-keys[0].name", "boards test");
    settings.put("imports.access.api-keys[0].organization", ORGANIZATION);
    settings.put("imports.access.api-keys[0].scopes", "imports:read,imports:write,operator");
    settings.put("imports.access.limits.per-key.requests", "100000");
    // what stops here has no clients any more
    settings.put("imports.web.drain-time", "0s");
    settings.putAll(more);
    for (String side : List.of(COMMAND, QUERY)) {
      for (int number = 1; number <= nodesOfASide; number++) {
        start(
            side.replace("side", Integer.toString(number)),
            side,
            ServiceProcess.freePort(),
            ServiceProcess.freePort());
      }
    }
    try {
      nodes.keySet().forEach(this::awaitReady);
    } catch (RuntimeException | Error e) {
      killNodes();
      throw e;
    }
    prometheus = prometheus(directory, hurried);
  }

  private void start(String name, String side, int port, int management, String... jvm) {
    var own = new HashMap<>(settings);
    own.put("server.port", Integer.toString(port));
    own.put("management.server.port", Integer.toString(management));
    ServiceProcess process =
        ServiceProcess.start(
            HOME.resolve(side).resolve("target").resolve(side + "-exec.jar"),
            Stream.concat(JVM.stream(), Stream.of(jvm)).toList(),
            own,
            Path.of("target", "processes", name + ".log"));
    nodes.put(name, new Node(side, port, management, process));
  }

  private Process prometheus(Path directory, boolean hurried) throws IOException {
    String alerts = Files.readString(Queries.ALERTS);
    Files.writeString(
        directory.resolve("alerts.yaml"),
        hurried
            ? MINUTES
                .matcher(alerts)
                .replaceAll(it -> Integer.parseInt(it.group(1)) * SECONDS_OF_A_MINUTE + "s")
            : alerts);
    Files.writeString(
        directory.resolve("prometheus.yaml"),
        Files.readString(Path.of("prometheus", "prometheus.yaml"))
            .replace("_interval: 15s", "_interval: 1s")
            .replace("\"command-1:9090\", \"command-2:9090\"", targets(COMMAND))
            .replace("\"query-1:9090\", \"query-2:9090\"", targets(QUERY)));
    return new ProcessBuilder(
            "prometheus",
            "--config.file=" + directory.resolve("prometheus.yaml"),
            "--storage.tsdb.path=" + directory.resolve("data"),
            "--web.listen-address=127.0.0.1:" + port)
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("prometheus.log").toFile())
        .start();
  }

  private String targets(String side) {
    return nodes.values().stream()
        .filter(node -> node.side().equals(side))
        .map(node -> "\"localhost:" + node.management() + "\"")
        .collect(Collectors.joining(", "));
  }

  private Node node(String name) {
    return requireNonNull(nodes.get(name));
  }

  private void awaitReady(String name) {
    Node node = node(name);
    URI readiness =
        URI.create("http://localhost:" + node.management() + "/actuator/health/readiness");
    await(name)
        .atMost(Duration.ofSeconds(90))
        .ignoreExceptions()
        .until(
            () -> {
              if (!node.process().isAlive()) throw new AssertionError(name + " has ended");
              return client
                  .send(HttpRequest.newBuilder(readiness).build(), BodyHandlers.discarding())
                  .statusCode();
            },
            status -> status == 200);
  }

  /** Ends a node by {@code kill -9}. */
  void kill(String name) {
    node(name).process().kill();
  }

  /** Starts a node that was killed, with more options of Java, and waits until it is ready. */
  void startAgain(String name, String... jvm) {
    Node node = node(name);
    start(name, node.side(), node.port(), node.management(), jvm);
    awaitReady(name);
  }

  HttpResponse<String> send(String node, String method, String path, String body)
      throws IOException, InterruptedException {
    return send(node, method, path, body, KEY);
  }

  HttpResponse<String> send(String node, String method, String path, String body, String key)
      throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(URI.create("http://localhost:" + node(node).port() + path))
            .header("X-API-Key", key)
            .header("Content-Type", "application/json")
            .timeout(Duration.ofSeconds(30))
            .method(method, BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  /** Creates an import and returns its id. */
  String create(String node) throws IOException, InterruptedException {
    String created = send(node, "POST", "/imports/", "{\"source\": \"csv_upload\"}").body();
    return JsonMapper.shared().readTree(created).get("id").stringValue();
  }

  /** The values that Prometheus has for a query. */
  List<String> values(String query) {
    return get("/api/v1/query?query=" + URLEncoder.encode(query, UTF_8))
        .at("/data/result")
        .valueStream()
        .map(sample -> sample.at("/value/1").stringValue())
        .toList();
  }

  /** What Prometheus says of each alert, by its name. */
  Map<String, JsonNode> alerts() {
    var alerts = new LinkedHashMap<String, JsonNode>();
    for (JsonNode rule : get("/api/v1/rules").at("/data/groups/0/rules")) {
      alerts.put(rule.get("name").stringValue(), rule);
    }
    return alerts;
  }

  private JsonNode get(String path) {
    URI address = URI.create("http://127.0.0.1:" + port + path);
    return await()
        .ignoreExceptions()
        .until(
            () ->
                JsonMapper.shared()
                    .readTree(
                        client
                            .send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString())
                            .body()),
            answer -> answer.path("status").asString("").equals("success"));
  }

  @Override
  public void close() {
    prometheus.destroy();
    killNodes();
    client.close();
  }

  private void killNodes() {
    nodes.values().forEach(node -> node.process().kill());
  }

  private static boolean isThere(String program) {
    for (String folder : System.getenv("PATH").split(":", -1)) {
      if (Files.isExecutable(Path.of(folder, program))) return true;
    }
    return false;
  }
}
