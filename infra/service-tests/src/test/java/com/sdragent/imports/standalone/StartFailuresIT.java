package com.sdragent.imports.standalone;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What keeps it from starting. That the line is the only one, StandaloneIT shows. */
class StartFailuresIT {
  /** One for all: what is made by one start need not be made by the next. */
  @TempDir private Path directory;

  @Test
  void what_keeps_it_from_starting_is_told_in_one_line() throws Exception {
    Path file = Files.createFile(directory.resolve("file"));
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      String inUse = "Port " + port + " is in use";
      assertTold("server.port", port, inUse, "server.port");
      assertTold(
          "imports.standalone.postgres-port", port, inUse, "imports.standalone.postgres-port");
      assertTold("imports.standalone.kafka-port", port, inUse, "imports.standalone.kafka-port");
    }
    assertTold(
        "imports.standalone.data-directory",
        file + "/data",
        "cannot be written",
        "imports.standalone.data-directory");
    assertTold(
        "imports.standalone.data-directory",
        "\uD800",
        "imports.standalone.data-directory has characters");
    assertTold(
        "imports.standalone.kafka-port",
        "99999",
        "imports.standalone.kafka-port must be a port from 0 (any) to 65535");
  }

  @Test
  void a_wrong_setting_is_told_before_any_server_is_started() {
    assertTold(
        "imports.query.batch-size",
        "0",
        "imports.query.batch-size must be positive: set it to a number such as 2000");
    assertTold("imports.relay.lease", "soon", "imports.relay.lease", "soon");
    assertTold("server.port", "many", "server.port", "many");
    assertThat(directory.resolve("data")).as("where the servers keep their data").doesNotExist();
  }

  private void assertTold(String setting, String value, String... told) {
    var settings = new HashMap<String, String>();
    settings.put("imports.standalone.data-directory", directory.resolve("data").toString());
    settings.put("imports.standalone.postgres-port", "0");
    settings.put("imports.standalone.kafka-port", "0");
    settings.put("server.port", "0");
    settings.put("management.server.port", "-1");
    settings.put(setting, value);
    assertThat(failure(settings)).contains(told);
  }

  /** The one line of the standard error that says it. */
  private static String failure(Map<String, String> settings) {
    List<String> arguments = new ArrayList<>();
    settings.forEach((name, value) -> arguments.add("--" + name + "=" + value));
    var printed = new ByteArrayOutputStream();
    PrintStream before = System.err;
    System.setErr(new PrintStream(printed, true, UTF_8));
    try {
      assertThatThrownBy(
              () -> StandaloneApplication.start(arguments.toArray(String[]::new)).close())
          .isInstanceOf(RuntimeException.class);
    } finally {
      System.setErr(before);
    }
    List<String> lines =
        printed.toString(UTF_8).lines().filter(line -> line.startsWith("The imports")).toList();
    assertThat(lines).as(printed.toString(UTF_8)).hasSize(1);
    assertThat(lines.getFirst()).startsWith("The imports service did not start. ");
    return lines.getFirst();
  }
}
