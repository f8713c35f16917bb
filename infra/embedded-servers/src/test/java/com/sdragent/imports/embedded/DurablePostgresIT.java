package com.sdragent.imports.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurablePostgresIT {
  @TempDir private Path path;

  @Test
  void data_are_found_again_at_the_next_start() throws Exception {
    try (var directory = DataDirectory.take(path);
        var server = DurablePostgres.start(directory, 0)) {
      execute(server, "create table kept as select 42 as answer");
    }
    try (var directory = DataDirectory.take(path);
        var server = DurablePostgres.start(directory, 0)) {
      assertThat(value(server, "select answer from kept")).isEqualTo("42");
    }
  }

  @Test
  void whatever_the_data_s_own_settings_say_it_runs_durably_or_not_at_all() throws Exception {
    try (var directory = DataDirectory.take(path);
        var server = DurablePostgres.start(directory, 0)) {
      assertThat(value(server, "show fsync")).isEqualTo("on");
      assertThat(value(server, "show synchronous_commit")).isEqualTo("on");
      assertThat(value(server, "show full_page_writes")).isEqualTo("on");
    }
    Files.writeString(
        path.resolve("postgres").resolve("postgresql.auto.conf"),
        "\nfsync = off\nsynchronous_commit = off\n",
        StandardOpenOption.APPEND);
    try (var directory = DataDirectory.take(path);
        var server = DurablePostgres.start(directory, 0)) {
      assertThat(value(server, "show fsync")).isEqualTo("on");
      assertThat(value(server, "show synchronous_commit")).isEqualTo("on");
      execute(server, "alter database imports set synchronous_commit = off");
    }
    try (var directory = DataDirectory.take(path)) {
      assertThatThrownBy(() -> DurablePostgres.start(directory, 0))
          .isInstanceOf(ServerStartException.class)
          .hasMessageContaining("synchronous_commit off");
    }
  }

  @Test
  void a_server_left_behind_is_known_by_its_start_and_not_by_its_number_alone() throws Exception {
    Path data = path.resolve("postgres");
    try (var directory = DataDirectory.take(path);
        var server = DurablePostgres.start(directory, 0)) {
      assertThat(value(server, "select 1")).isEqualTo("1");
      assertThat(DurablePostgres.leftBehind(data)).isPresent();
      // As if the number had gone to another server since.
      var lines = new ArrayList<>(Files.readAllLines(data.resolve("postmaster.pid")));
      lines.set(2, Long.toString(Long.parseLong(lines.get(2)) - 60));
      Path old = Files.createDirectory(path.resolve("old"));
      Files.write(old.resolve("postmaster.pid"), lines);
      assertThat(DurablePostgres.leftBehind(old)).isEmpty();
    }
    assertThat(DurablePostgres.leftBehind(data)).isEmpty();
  }

  @Test
  void a_port_in_use_is_told_with_the_setting_that_chose_it() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var directory = DataDirectory.take(path)) {
      assertThatThrownBy(() -> DurablePostgres.start(directory, taken.getLocalPort()))
          .isInstanceOf(ServerStartException.class)
          .hasMessage(
              "Port %d is in use: stop what listens there, or set imports.standalone.postgres-port",
              taken.getLocalPort());
    }
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
