package com.sdragent.imports.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurablePostgresIT {
  /** With all that programs, lists and file systems may take amiss; 150 characters. */
  private static final String ODD =
      "a b's \"c\" d,e %20 $HOME `f` g\\h данные データ é ı " + "x".repeat(103);

  /** A server's data are made once: to start on them again takes a fraction of that. */
  @TempDir private static Path path;

  @BeforeAll
  static void makeTheData() throws SQLException {
    try (var directory = DataDirectory.take(path);
        var server = DurablePostgres.start(directory, 0)) {
      execute(server, "create table kept as select 42 as answer");
      // As if an older version had made the data.
      execute(server, "drop role imports_reads; drop role imports_viewer");
    }
  }

  @Test
  void data_are_found_again_at_the_next_start() throws Exception {
    try (var directory = DataDirectory.take(path);
        var server = DurablePostgres.start(directory, 0)) {
      assertThat(value(server, "select answer from kept")).isEqualTo("42");
      assertThat(value(server, "show fsync")).isEqualTo("on");
      assertThat(value(server, "show synchronous_commit")).isEqualTo("on");
      assertThat(value(server, "show full_page_writes")).isEqualTo("on");
      assertThat(value(server, "select lower('ÉI') || upper('éi')")).isEqualTo("éiÉI");
    }
  }

  @Test
  void roles_that_are_missing_are_made_at_the_next_start() throws Exception {
    try (var directory = DataDirectory.take(path);
        var server = DurablePostgres.start(directory, 0)) {
      assertThat(
              value(server, "select pg_has_role('imports_reads', 'imports_viewer', 'usage')::text"))
          .isEqualTo("true");
    }
  }

  @Test
  void whatever_the_data_s_own_settings_say_it_runs_durably_or_not_at_all(@TempDir Path careless)
      throws Exception {
    copyTo(careless);
    Files.writeString(
        careless.resolve("postgres").resolve("postgresql.auto.conf"),
        "\nfsync = off\nsynchronous_commit = off\n",
        StandardOpenOption.APPEND);
    try (var directory = DataDirectory.take(careless);
        var server = DurablePostgres.start(directory, 0)) {
      assertThat(value(server, "show fsync")).isEqualTo("on");
      assertThat(value(server, "show synchronous_commit")).isEqualTo("on");
      execute(server, "alter database imports set synchronous_commit = off");
    }
    try (var directory = DataDirectory.take(careless)) {
      assertThatThrownBy(() -> DurablePostgres.start(directory, 0))
          .isInstanceOf(ServerStartException.class)
          .hasMessageContaining("synchronous_commit off");
    }
  }

  @Test
  void a_directory_of_any_name_by_a_link_and_a_relative_path_serves(@TempDir Path place)
      throws Exception {
    assertThat(ODD).hasSize(150);
    Path odd = Files.createDirectory(place.resolve(ODD));
    Path link =
        Files.createSymbolicLink(odd.resolve("l,i\"nk"), Files.createDirectory(place.resolve("t")));
    Path relative = Path.of("").toAbsolutePath().relativize(link);
    try (var directory = DataDirectory.take(relative);
        var server = DurablePostgres.start(directory, 0);
        var kafka = SingleNodeKafka.start(directory, 0);
        var admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      assertThat(value(server, "select 42")).isEqualTo("42");
      assertThat(admin.describeCluster().nodes().get(30, TimeUnit.SECONDS)).hasSize(1);
    }
    assertThat(link.resolve("postgres")).isDirectory();
    assertThat(link.resolve("kafka")).isDirectory();
  }

  @Test
  void a_number_that_another_process_has_by_now_keeps_nobody_from_starting(@TempDir Path other)
      throws Exception {
    copyTo(other);
    List<String> lines = new ArrayList<>(linesOfAServerThatRan());
    Process stranger = new ProcessBuilder("sleep", "600").start();
    try (var directory = DataDirectory.take(other);
        var server = DurablePostgres.start(directory, 0)) {
      String anotherServer = Files.readAllLines(pidFile(other)).getFirst();
      for (String number : List.of(Long.toString(stranger.pid()), anotherServer)) {
        lines.set(0, number);
        assertServesBeside(lines);
      }
      assertServesBeside(List.of());
      assertThat(stranger.isAlive()).isTrue();
      assertThat(value(server, "select 42")).isEqualTo("42");
    } finally {
      stranger.destroy();
    }
  }

  private static List<String> linesOfAServerThatRan() throws IOException {
    try (var directory = DataDirectory.take(path);
        var _ = DurablePostgres.start(directory, 0)) {
      return Files.readAllLines(pidFile(path));
    }
  }

  private static void assertServesBeside(List<String> leftBehind) throws Exception {
    Files.write(pidFile(path), leftBehind);
    try (var directory = DataDirectory.take(path);
        var server = DurablePostgres.start(directory, 0)) {
      assertThat(value(server, "select answer from kept")).isEqualTo("42");
    }
  }

  @Test
  void a_server_that_a_crash_left_behind_is_stopped_though_the_clock_was_set_since()
      throws Exception {
    try (var crashed = DataDirectory.take(path)) {
      DurablePostgres.start(crashed, 0);
    }
    // The lock of a process that is killed goes with it; this one lives on.
    Files.delete(path.resolve("postgres").resolve("epg-lock"));
    var lines = new ArrayList<>(Files.readAllLines(pidFile(path)));
    ProcessHandle left = ProcessHandle.of(Long.parseLong(lines.getFirst())).orElseThrow();
    lines.set(2, Long.toString(Long.parseLong(lines.get(2)) - 60));
    Files.write(pidFile(path), lines);
    try (var directory = DataDirectory.take(path);
        var server = DurablePostgres.start(directory, 0)) {
      assertThat(left.isAlive()).isFalse();
      assertThat(value(server, "select answer from kept")).isEqualTo("42");
      // As if the number had gone to another server since.
      Path old = Files.createDirectories(path.resolve("old").resolve("postgres"));
      Files.write(old.resolve("postmaster.pid"), lines);
      assertThat(DurablePostgres.leftBehind(old)).isEmpty();
    }
    assertThat(DurablePostgres.leftBehind(path.resolve("postgres"))).isEmpty();
  }

  @Test
  void a_port_in_use_is_told_with_the_setting_that_chose_it() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var directory = DataDirectory.take(path)) {
      assertThatThrownBy(() -> DurablePostgres.start(directory, taken.getLocalPort()))
          .isInstanceOf(ServerStartException.class)
          .hasMessage(
              "Port %s is in use: stop what listens there, or set imports.standalone.postgres-port",
              taken.getLocalPort());
    }
  }

  private static Path pidFile(Path directory) {
    return directory.resolve("postgres").resolve("postmaster.pid");
  }

  private static void copyTo(Path copy) throws Exception {
    // With its permissions: PostgreSQL takes no data that others may read.
    var command = List.of("cp", "-a", path + "/.", copy.toString());
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }

  private static void execute(DurablePostgres server, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(server.jdbcUrl(), "postgres", "");
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String value(DurablePostgres server, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(server.jdbcUrl(), "postgres", "");
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }
}
