package com.sdragent.imports.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sdragent.imports.testservers.ServiceProcess;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real HAProxy reads the gateway's files. Where no node is there, it says which ones it tried.
 */
class GatewayIT {
  private static final Path GATEWAY = Path.of("gateway");
  private static final String EU = "123e4567-e89b-12d3-a456-426614174000";
  private static final String UNNAMED = "923e4567-e89b-12d3-a456-426614174000";

  @TempDir private Path directory;
  private final List<Process> started = new ArrayList<>();

  @BeforeEach
  void requireHaproxy() {
    assumeTrue(
        Stream.of(System.getenv("PATH").split(":", -1))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "haproxy"))),
        "The gateway's files are not tried: that needs HAProxy, which is not there.");
  }

  @AfterEach
  void stop() {
    started.forEach(Process::destroyForcibly);
  }

  @Test
  void one_store_is_asked_by_the_method_and_by_what_belongs_to_one_side() throws Exception {
    int port = start(GATEWAY.resolve("haproxy.cfg"));
    assertAsked(port, "query", "GET /imports/ HTTP/1.1");
    assertAsked(port, "command", "POST /imports/ HTTP/1.1");
    assertAsked(port, "query", "POST /admin/projections/imports/rebuild HTTP/1.1");
    assertAsked(port, "command", "GET /admin/replays HTTP/1.1");
  }

  @Test
  void of_two_stores_the_one_is_asked_that_has_the_organization() throws Exception {
    int port = start(GATEWAY.resolve("stores").resolve("haproxy.cfg"));
    assertAsked(port, "eu-command", "POST /imports/ HTTP/1.1", "Authorization: Bearer " + of(EU));
    assertAsked(port, "eu-query", "GET /imports/ HTTP/1.1", "authorization: bearer " + of(EU));
    assertAsked(port, "us-query", "GET /imports/ HTTP/1.1", "Authorization: Bearer " + of(UNNAMED));
    assertAsked(port, "eu-command", "PUT /imports/1 HTTP/1.1", "X-API-Key: imp_eu_0123_secret");
    assertAsked(port, "us-command", "PUT /imports/1 HTTP/1.1", "X-API-Key: imp_us_0123_secret");
    assertAsked(
        port,
        "eu-command",
        "GET /publication?import_id=1 HTTP/1.1",
        "X-API-Key: imp_eu_0123_secret");
    assertAsked(
        port,
        "eu-query",
        "POST /admin/checkpoints/check HTTP/1.1",
        "X-API-Key: imp_eu_0123_secret");
    assertAsked(port, "us-query", "GET / HTTP/1.1");
    assertAsked(port, "us-query", "GET /imports/ HTTP/1.1", "X-API-Key: sk_of_nobody");
    assertAsked(port, "us-query", "GET /imports/ HTTP/1.1", "Authorization: Bearer nonsense");
  }

  @Test
  void a_store_s_own_address_asks_that_store_whatever_the_credential_says() throws Exception {
    int port = start(GATEWAY.resolve("stores").resolve("haproxy.cfg"));
    assertAsked(
        port,
        "eu-query",
        "GET /imports/ HTTP/1.1",
        "Host: EU.imports.example",
        "X-API-Key: imp_us_");
    assertAsked(port, "eu-command", "POST /admin/replays HTTP/1.1", "Host: eu.imports.example:443");
  }

  /** On overloaded cores all nodes are slow to say so, and serve all the same. */
  @Test
  void a_node_that_takes_more_than_a_second_to_say_it_is_ready_is_asked_on() throws Exception {
    var looks = new AtomicInteger();
    HttpServer node =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      node.setExecutor(threads);
      node.createContext(
          "/",
          exchange -> {
            if (exchange.getRequestURI().getPath().equals("/actuator/health/readiness")) {
              LockSupport.parkNanos(Duration.ofMillis(1500).toNanos());
              looks.incrementAndGet();
            }
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
          });
      node.start();
      int own = node.getAddress().getPort();
      int port =
          start(
              GATEWAY.resolve("haproxy.cfg"),
              text ->
                  text.replace("query-1:8081", "127.0.0.1:" + own)
                      .replace("check port 9090", "check port " + own));
      await()
          .until(
              () -> {
                assertThat(ask(port, "GET /imports/ HTTP/1.1")).startsWith("HTTP/1.1 200");
                return looks.get() >= 2;
              });
    } finally {
      node.stop(0);
    }
  }

  private int start(Path configuration) throws IOException {
    return start(configuration, text -> text);
  }

  /** Starts it on free ports, with what it asked in its log. */
  private int start(Path configuration, UnaryOperator<String> change) throws IOException {
    int port = ServiceProcess.freePort();
    try (Stream<Path> files = Files.list(configuration.getParent())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, directory.resolve(file.getFileName()));
      }
    }
    Path own = directory.resolve("haproxy.cfg");
    Files.writeString(
        own,
        change
            .apply(Files.readString(configuration))
            .replace("bind :8080", "bind 127.0.0.1:" + port)
            .replace("bind :8404", "bind 127.0.0.1:" + ServiceProcess.freePort())
            .replace(" local0 warning", " local0 info")
            .replace("option dontlog-normal", "")
            .replace("option httplog", "log-format \"ASKED %b\""));
    started.add(
        new ProcessBuilder("haproxy", "-db", "-f", own.toString())
            .redirectErrorStream(true)
            .redirectOutput(log().toFile())
            .start());
    await()
        .alias("HAProxy listens")
        .until(
            () -> {
              assertThat(started.getLast().isAlive()).as(Files.readString(log())).isTrue();
              return !ask(port, "GET / HTTP/1.1").isEmpty() && !asked().isEmpty();
            });
    return port;
  }

  private Path log() {
    return directory.resolve("log");
  }

  private void assertAsked(int port, String backend, String... head) throws IOException {
    int before = asked().size();
    assertThat(ask(port, head)).startsWith("HTTP/1.1 503");
    await().until(() -> asked().size() > before);
    assertThat(asked().getLast()).as(String.join(", ", head)).isEqualTo(backend);
  }

  private List<String> asked() throws IOException {
    return Files.readAllLines(log()).stream()
        .filter(line -> line.contains("ASKED "))
        .map(line -> line.substring(line.indexOf("ASKED ") + 6).strip())
        .toList();
  }

  private static String ask(int port, String... head) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      String host = String.join("", head).contains("Host: ") ? "" : "Host: imports.example\r\n";
      socket
          .getOutputStream()
          .write(
              (String.join("\r\n", head) + "\r\n" + host + "Connection: close\r\n\r\n")
                  .getBytes(UTF_8));
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    } catch (java.net.ConnectException e) {
      return "";
    }
  }

  /** A token whose signature the gateway leaves to the nodes. */
  private static String of(String organization) {
    return Stream.of("{\"alg\":\"RS256\"}", "{\"org_id\":\"" + organization + "\"}", "signature")
        .map(part -> Base64.getUrlEncoder().withoutPadding().encodeToString(part.getBytes(UTF_8)))
        .reduce((one, other) -> one + "." + other)
        .orElseThrow();
  }
}
