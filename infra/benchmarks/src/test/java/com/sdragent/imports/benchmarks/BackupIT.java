package com.sdragent.imports.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.benchmarks.ImportsClient.Answer;
import com.sdragent.imports.testservers.CrashablePostgres;
import com.sdragent.imports.testservers.ServiceProcess;
import com.sdragent.imports.testservers.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code infra/docs/operations.md} says of a backup and of the way back from it. */
class BackupIT {
  private static final int CLIENTS = 8;

  @TempDir private Path files = Path.of("");

  @Test
  void a_backup_taken_under_load_is_restored_into_an_empty_cluster_verified_and_served()
      throws Exception {
    try (var original = CrashablePostgres.start();
        var client = new ImportsClient(Cluster.KEY, CLIENTS)) {
      Map<String, String> before;
      CrashablePostgres copy;
      makeRolesAsTheReadmeSays(original.database());
      try (var cluster = cluster(original.database(), 0)) {
        before = written(client, cluster.commands(0), 20);
        tool(
            "signing-keys",
            "--private-key=" + files.resolve("key.pem"),
            "--public-key=" + files.resolve("key.pub.pem"));
        tool(
            original.database(),
            "checkpoint",
            "--private-key=" + files.resolve("key.pem"),
            "--output=" + files.resolve("checkpoint.json"));
        copy = backupUnderLoad(original, client, cluster.commands(0));
      }
      try (var restored = copy) {
        String verified =
            tool(
                restored.database(),
                "verify",
                "--checkpoint=" + files.resolve("checkpoint.json"),
                "--public-key=" + files.resolve("key.pub.pem"));
        assertThat(verified).startsWith("OK").contains("checkpoints: 1");
        try (var cluster = cluster(restored.database(), 1)) {
          for (var answered : before.entrySet()) {
            Answer read = client.send("GET", cluster.queries(0) + answered.getKey(), null);
            assertThat(read.body()).isEqualTo(answered.getValue());
          }
          Map<String, String> after = written(client, cluster.commands(0), 5);
          for (var answered : after.entrySet()) {
            Answer read = client.send("GET", cluster.queries(0) + answered.getKey(), null);
            assertThat(read.body()).isEqualTo(answered.getValue());
          }
          cluster.audit().assertStoreHasNoGap();
          cluster.audit().assertReadModelEqualsFold();
          cluster.audit().assertTopicHoldsEveryEventOnceAndInOrder();
        }
      }
    }
  }

  /** What somebody pastes who runs nodes on a PostgreSQL that exists. */
  private static void makeRolesAsTheReadmeSays(TestPostgres.Database database)
      throws IOException, SQLException {
    String statements =
        Files.readString(Cluster.HOME.resolve("README.md"))
            .replaceFirst("(?s).*<<SQL\n(.*?)\nSQL\n.*", "$1")
            .replaceAll("\\$([A-Z]+)", "the password of $1");
    String maintenance = database.jdbcUrl().replaceFirst("/imports$", "/postgres");
    try (Connection superuser =
            DriverManager.getConnection(maintenance, database.username(), database.password());
        Statement statement = superuser.createStatement()) {
      // The test's server begins with those of the standalone, and another one with none.
      statement.execute("drop database imports");
      statement.execute(
          "drop role imports_service, imports_reads, imports_appender, imports_projector,"
              + " imports_viewer, imports_reader");
      for (String one : statements.strip().replaceFirst(";$", "").split(";", -1)) {
        statement.execute(one);
      }
    }
  }

  /** Nodes that connect and migrate as these roles. */
  private static Cluster cluster(TestPostgres.Database database, int querySides) {
    return new Cluster(
        database,
        1,
        querySides,
        Map.of(
            "spring.datasource.username", "imports_command",
            "spring.datasource.password", "the password of COMMAND",
            "spring.flyway.user", "imports_owner",
            "spring.flyway.password", "the password of OWNER",
            "imports.query.reads.username", "imports_reads",
            "imports.query.reads.password", "the password of READS"),
        Map.of(
            "spring.datasource.username", "imports_query",
            "spring.datasource.password", "the password of QUERY"));
  }

  private static CrashablePostgres backupUnderLoad(
      CrashablePostgres original, ImportsClient client, String commands) throws Exception {
    var done = new AtomicBoolean();
    var underLoad = new CountDownLatch(CLIENTS);
    try (var load = java.util.concurrent.Executors.newSingleThreadExecutor()) {
      var writing =
          load.submit(
              () ->
                  Clients.act(
                      CLIENTS,
                      number -> {
                        while (!done.get()) {
                          created(client, commands, number);
                          underLoad.countDown();
                        }
                        return number;
                      }));
      try {
        underLoad.await();
        return original.restoredBackup();
      } finally {
        done.set(true);
        writing.get();
      }
    }
  }

  /** What was answered, by id: each import created and changed once. */
  private static Map<String, String> written(ImportsClient client, String commands, int imports) {
    var answers = new HashMap<String, String>();
    for (int i = 0; i < imports; i++) {
      String id = created(client, commands, i).json().get("id").stringValue();
      Answer changed = client.send("PUT", commands + id, "{\"status\":\"processing\"}");
      assertThat(changed.status()).as(changed.body()).isEqualTo(200);
      answers.put(id, changed.body());
    }
    return answers;
  }

  private static Answer created(ImportsClient client, String commands, int rows) {
    Answer created =
        client.send("POST", commands, "{\"source\":\"csv_upload\",\"total_rows\":" + rows + "}");
    assertThat(created.status()).as(created.body()).isEqualTo(201);
    return created;
  }

  private static String tool(TestPostgres.Database database, String... arguments) throws Exception {
    var all = new ArrayList<>(List.of(arguments));
    all.add("--url=" + database.jdbcUrl());
    all.add("--user=" + database.username());
    all.add("--password=" + database.password());
    return tool(all.toArray(String[]::new));
  }

  /** Runs the tool as an operator would, and returns what it printed. */
  private static String tool(String... arguments) throws Exception {
    var command = new ArrayList<String>();
    command.add(ServiceProcess.java());
    // An auditor's machine may write digits and times in its own way.
    Collections.addAll(
        command, "-Duser.language=ar", "-Duser.country=EG", "-Duser.timezone=Asia/Kathmandu");
    command.add("-jar");
    command.add(Cluster.HOME.resolve("infra/tool/target/imports-tool.jar").toString());
    Collections.addAll(command, arguments);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }
}
