package com.sdragent.imports.benchmarks.load;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.benchmarks.load.LoadGenerator.Load;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The generator against the small HTTP server of the JDK. */
class LoadGeneratorTest {
  private static final Duration LONG = Duration.ofMinutes(1);
  private static final Requests POST =
      Requests.anyOf(
          List.of(Requests.bytes("POST", "/", List.of("X-Key: k"), "{\"rows\":######}")));

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
    server.setExecutor(threads);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    threads.shutdownNow();
  }

  @Test
  void each_request_is_answered_once_and_counted_by_its_status() {
    Set<String> received = ConcurrentHashMap.newKeySet();
    var count = new AtomicInteger();
    server.createContext(
        "/",
        exchange -> {
          received.add(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
          int number = count.incrementAndGet();
          // Servers end a connection whenever they like.
          if (number % 7 == 0) exchange.getResponseHeaders().set("Connection", "close");
          answer(exchange, number % 10 == 0 ? 503 : 201, "answer " + number, number % 2 == 0);
        });
    var bodies = new HashSet<String>();
    LoadResult result = LoadGenerator.run(new Load(port(), 8, LONG, 0, 500), POST, bodies::add);
    assertThat(count).hasValue(500);
    assertThat(received).as("each asks for another number").hasSize(500);
    assertThat(received).allMatch(body -> body.matches("\\{\"rows\":1\\d{5}}"));
    assertThat(result.answered()).isEqualTo(450);
    assertThat(result.failures()).isEqualTo(Map.of(503, 50L));
    assertThat(bodies).hasSize(450).contains("answer 499");
    assertThat(result.micros().getTotalCount()).isEqualTo(450);
    assertThat(result.eachSecond().stream().mapToLong(Long::longValue).sum()).isEqualTo(450);
  }

  @Test
  void requests_that_a_stall_kept_from_being_sent_count_from_when_they_were_due() {
    var count = new AtomicInteger();
    server.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          if (count.incrementAndGet() == 5) LockSupport.parkNanos(500_000_000);
          answer(exchange, 200, "", false);
        });
    LoadResult result = LoadGenerator.run(new Load(port(), 1, LONG, 100, 60), POST);
    assertThat(result.answered()).isEqualTo(60);
    long late = result.micros().getTotalCount() - result.micros().getCountBetweenValues(0, 100_000);
    assertThat(late).as("due while one request stalled").isGreaterThan(30);
  }

  @Test
  void a_request_that_is_cut_off_counts_as_failed_and_the_load_goes_on() {
    var count = new AtomicInteger();
    server.createContext(
        "/",
        exchange -> {
          if (count.incrementAndGet() % 5 == 0) {
            exchange.close();
          } else {
            answer(exchange, 200, "x", false);
          }
        });
    LoadResult result = LoadGenerator.run(new Load(port(), 2, LONG, 0, 20), POST);
    assertThat(result.answered()).isEqualTo(16);
    assertThat(result.failures()).isEqualTo(Map.of(0, 4L));
  }

  @Test
  void no_connection_stays_open_after_the_load() throws IOException {
    List<Future<?>> answered = new CopyOnWriteArrayList<>();
    try (var listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      threads.execute(
          () -> {
            for (int i = 0; i < 3; i++) answered.add(answersUntilClosed(listener));
          });
      LoadResult result =
          LoadGenerator.run(new Load(listener.getLocalPort(), 3, LONG, 0, 30), POST);
      assertThat(result.answered()).isEqualTo(30);
      assertThat(answered)
          .hasSize(3)
          .allSatisfy(end -> assertThat(end).succeedsWithin(Duration.ofSeconds(10)));
    }
  }

  private Future<?> answersUntilClosed(ServerSocket listener) {
    try {
      Socket socket = listener.accept();
      return threads.submit(
          () -> {
            try (socket) {
              var buffer = new byte[Requests.LARGEST];
              while (socket.getInputStream().read(buffer) > 0) {
                byte[] answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(UTF_8);
                socket.getOutputStream().write(answer);
              }
            }
            return null;
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void a_request_has_the_length_of_its_body_in_bytes() {
    var target = ByteBuffer.allocate(Requests.LARGEST);
    Requests.anyOf(List.of(Requests.bytes("PUT", "/a", List.of(), "{\"name\":\"é\"}"))).put(target);
    assertThat(new String(target.array(), 0, target.position(), UTF_8))
        .isEqualTo(
            "PUT /a HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Content-Length: 13\r\n\r\n{\"name\":\"é\"}");
  }

  private int port() {
    return server.getAddress().getPort();
  }

  private static void answer(HttpExchange exchange, int status, String body, boolean chunked)
      throws IOException {
    byte[] bytes = body.getBytes(UTF_8);
    long length = bytes.length == 0 ? -1 : chunked ? 0 : bytes.length;
    exchange.sendResponseHeaders(status, length);
    if (bytes.length > 0) exchange.getResponseBody().write(bytes);
    exchange.close();
  }
}
