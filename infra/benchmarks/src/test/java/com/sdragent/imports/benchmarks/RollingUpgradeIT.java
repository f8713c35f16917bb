package com.sdragent.imports.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.benchmarks.ImportsClient.Answer;
import com.sdragent.imports.testservers.ServiceProcess;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A new version, which expands the schema, takes the place of the one before, node by node, while
 * clients write and read by way of load balancers.
 */
@Tag("soak")
class RollingUpgradeIT {
  private static final int CLIENTS = 16;
  private static final String VERSION = "9.9.9-next";
  private static final String MIGRATION = "V99__next_version.sql";

  private final Map<String, Integer> answered = new ConcurrentHashMap<>();
  private final Map<String, AtomicInteger> requests = new ConcurrentHashMap<>();

  @Test
  void a_rolling_upgrade_with_an_expanded_schema_fails_no_request() throws Exception {
    try (var cluster = new Cluster(2, 2, Map.of("imports.web.drain-time", "10s"));
        var client = new ImportsClient(Cluster.KEY, 2 * CLIENTS);
        var commands = new Balancer(client, cluster.commandNodes);
        var queries = new Balancer(client, cluster.queryNodes)) {
      var over = new AtomicBoolean();
      var upgraded =
          new FutureTask<>(
              () -> {
                try {
                  awaitMore();
                  // The side that has to know what is new before it is written.
                  replaceAll(cluster, "query-side", cluster.queryNodes, queries);
                  replaceAll(cluster, "command-side", cluster.commandNodes, commands);
                  awaitMore();
                } finally {
                  over.set(true);
                }
                return true;
              });
      Thread.ofPlatform().start(upgraded);
      Clients.act(
          CLIENTS,
          number -> {
            for (int i = 0; !over.get(); i++) use(commands, queries, number + "-" + i);
            return true;
          });
      assertThat(upgraded.get()).isTrue();
      assertThat(isExpanded(cluster)).isTrue();

      Audit audit = cluster.audit();
      List<Audit.Stored> events = audit.assertStoreHasNoGap();
      audit.assertReadModelEqualsFold();
      audit.assertTopicHoldsEveryEventOnceAndInOrder();
      System.out.printf(
          "Rolling upgrade of 2 + 2 nodes: %s requests, none failed; %,d events%n",
          new TreeMap<>(requests), events.size());
    }
  }

  private void replaceAll(
      Cluster cluster, String side, List<ServiceProcess> nodes, Balancer balancer)
      throws IOException {
    Path next = nextVersion(side);
    for (int i = 0; i < nodes.size(); i++) {
      ServiceProcess before = nodes.get(i);
      ServiceProcess after = cluster.start(next, side, nodes.size() + i).awaitReady();
      balancer.add(after);
      nodes.set(i, after);
      long begun = System.nanoTime();
      before.signal("TERM");
      assertThat(before.awaitExit()).as("128 + SIGTERM").isEqualTo(143);
      System.out.printf(
          "A node of the %s ended %,d ms after SIGTERM%n",
          side, Duration.ofNanos(System.nanoTime() - begun).toMillis());
    }
  }

  /** The same executable with another number, and with a migration that adds and breaks nothing. */
  private static Path nextVersion(String side) throws IOException {
    Path jar = Path.of("target", "next-version", side + "-exec.jar");
    Files.createDirectories(jar.getParent());
    Files.copy(Cluster.jar(side), jar, StandardCopyOption.REPLACE_EXISTING);
    try (FileSystem entries = FileSystems.newFileSystem(jar)) {
      Path manifest = entries.getPath("META-INF", "MANIFEST.MF");
      String before = Files.readString(manifest);
      String after =
          before.replaceFirst(
              "Implementation-Version: [^\r\n]*", "Implementation-Version: " + VERSION);
      assertThat(after).isNotEqualTo(before);
      Files.writeString(manifest, after);
      Path migrations = entries.getPath("BOOT-INF", "classes", "db", "migration");
      Files.createDirectories(migrations);
      Files.copy(
          Path.of("src", "test", "resources", "next-version", MIGRATION),
          migrations.resolve(MIGRATION));
    }
    return jar;
  }

  private static boolean isExpanded(Cluster cluster) throws Exception {
    try (Connection connection = cluster.database.connect();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select count(*) = 1 and count(*) filter (where success) = 1"
                    + " from flyway_schema_history where script = '"
                    + MIGRATION
                    + "'")) {
      row.next();
      return row.getBoolean(1);
    }
  }

  private void awaitMore() throws Exception {
    int before = answered.size();
    Audit.await("more is answered", () -> answered.size() >= before + 200);
  }

  /** One import's life, as a client sees it who reads what it has just written. */
  private void use(Balancer commands, Balancer queries, String name) {
    Answer created =
        send(
            commands,
            "POST",
            "/imports/",
            "{\"source\":\"crm\",\"file_name\":\"" + name + "\"}",
            201);
    String path = "/imports/" + created.json().get("id").stringValue();
    assertThat(send(queries, "GET", path, null, 200).body()).isEqualTo(created.body());
    Answer changed = send(commands, "PUT", path, "{\"total_rows\":7}", 200);
    assertThat(send(queries, "GET", path, null, 200).body()).isEqualTo(changed.body());
    send(queries, "GET", "/imports/?limit=20", null, 200);
    send(commands, "DELETE", path, null, 200);
    send(queries, "GET", path, null, 404);
    answered.put(name, 1);
    LockSupport.parkNanos(100_000_000);
  }

  private Answer send(
      Balancer balancer, String method, String path, @Nullable String body, int status) {
    Answer answer = balancer.send(method, path, body).orElseThrow();
    assertThat(answer.status()).as(method + " " + path + ": " + answer.body()).isEqualTo(status);
    requests.computeIfAbsent(method, _ -> new AtomicInteger()).incrementAndGet();
    return answer;
  }
}
