package com.sdragent.imports.standalone;

import static com.sdragent.imports.standalone.RawConnection.answer;
import static com.sdragent.imports.standalone.RunningService.KEY;
import static com.sdragent.imports.standalone.RunningService.OPERATOR_KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sdragent.imports.web.ClientConnection;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** What clients do with their connections, for better and for worse. */
@Timeout(60)
class ConnectionsIT {
  private static final String BODY = "{\"source\":\"s\"}";
  private static final String LATE = "{\"detail\":\"The request did not arrive in time\"}";

  /** Handles a request until its client has gone, as a long poll does. */
  @RestController
  static final class Waiting {
    private static final AtomicInteger CLIENTS = new AtomicInteger();
    private static final AtomicInteger GONE = new AtomicInteger();

    @GetMapping("/waiting")
    String untilTheClientHasGone(HttpServletRequest request) throws InterruptedException {
      ClientConnection client = ClientConnection.of(request);
      CLIENTS.incrementAndGet();
      try {
        long end = System.nanoTime() + Duration.ofMillis(500).toNanos();
        boolean forever = request.getParameter("forever") != null;
        while (forever || System.nanoTime() < end) {
          if (!client.isOpen()) {
            GONE.incrementAndGet();
            return "\"gone\"";
          }
          Thread.sleep(10);
        }
        return "\"here\"";
      } finally {
        CLIENTS.decrementAndGet();
      }
    }
  }

  @Test
  void a_header_or_a_body_that_does_not_end_in_time_is_a_408_whatever_drips() throws Exception {
    String post = head("POST", "/imports/");
    List<Callable<String>> late =
        List.of(
            dripping("GET /imports/ HTTP/1.1\r\nHost: x\r\nX-Long: ", "x"),
            dripping("GET /imports/ HTTP/1.1\r\nHost: x\r\n", "X-Many: x\r\n"),
            dripping("", "G"),
            dripping("", "\r\n"),
            silent("GET /imports/ HTTP/1.1\r\nHost: x\r\nX-Long: "),
            silent("G"),
            dripping(post + "Content-Length: 1000\r\n\r\n{", " "),
            dripping(post + "Transfer-Encoding: chunked\r\n\r\n", "1\r\n{\r\n"),
            dripping(post + "Transfer-Encoding: chunked\r\n\r\n1;", "x"),
            dripping(post + "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n0\r\nX-Trailer: ", "x"),
            silent(post + "Content-Length: 1000\r\n\r\n{"),
            dripping(
                head("POST", "/admin/replays").replace(KEY, OPERATOR_KEY)
                    + "Content-Length: 1000\r\n\r\n{",
                " "));
    try (var clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<String>> answers = clients.invokeAll(late, 30, TimeUnit.SECONDS);
      for (int i = 0; i < answers.size(); i++) {
        assertThat(answers.get(i).get())
            .as("client %s", i)
            .startsWith("HTTP/1.1 408")
            .endsWith(LATE);
      }
    }
  }

  @Test
  void what_is_left_of_a_refused_body_is_not_awaited_for_longer() throws Exception {
    try (var connection = new RawConnection(RunningService.port())) {
      connection.send("POST /imports/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n");
      assertThat(connection.readOne()).startsWith("HTTP/1.1 401");
      assertThat(connection.dripUntilAnswered(" ", Duration.ofMillis(100))).isEmpty();
    } catch (IOException e) {
      // Closed while the client wrote: as good.
    }
  }

  @Test
  void a_client_whose_large_body_is_refused_can_read_the_answer() throws IOException {
    for (int i = 0; i < 20; i++) {
      try (var connection = new RawConnection(RunningService.port())) {
        connection.send(head("POST", "/imports/") + "Content-Length: 500000\r\n\r\n");
        for (int sent = 0; sent < 10; sent++) connection.send(" ".repeat(50_000));
        assertThat(connection.readOne()).startsWith("HTTP/1.1 413");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET /imports/?", "GET /imports/ HTTP/1.1\r\nX-Long: "})
  void a_client_whose_large_header_is_refused_can_read_the_answer(String begin) throws IOException {
    for (int i = 0; i < 20; i++) {
      try (var connection = new RawConnection(RunningService.port())) {
        connection.send(begin);
        for (int sent = 0; sent < 10; sent++) connection.send("x".repeat(50_000));
        assertThat(connection.readOne())
            .startsWith("HTTP/1.1 400")
            .endsWith("{\"detail\":\"The request is malformed\"}");
      }
    }
  }

  @Test
  void a_client_that_has_gone_is_noticed_at_once() throws Exception {
    int before = Waiting.GONE.get();
    try (var connection = new RawConnection(RunningService.port())) {
      connection.send(head("GET", "/waiting?forever") + "\r\n");
      await().until(() -> Waiting.CLIENTS.get() == 1);
    }
    await().atMost(Duration.ofSeconds(2)).until(() -> Waiting.GONE.get() == before + 1);
  }

  @Test
  void a_client_that_has_gone_is_noticed_although_it_had_sent_ahead() throws Exception {
    int before = Waiting.GONE.get();
    try (var connection = new RawConnection(RunningService.port())) {
      connection.send(head("GET", "/waiting?forever") + "\r\n");
      await().until(() -> Waiting.CLIENTS.get() == 1);
      connection.send(head("GET", "/imports/") + "\r\n");
    }
    await().atMost(Duration.ofSeconds(2)).until(() -> Waiting.GONE.get() == before + 1);
  }

  @Test
  void a_request_that_is_sent_ahead_is_answered_after_the_one_before_it() throws Exception {
    try (var connection = new RawConnection(RunningService.port())) {
      connection.send(head("GET", "/waiting") + "\r\n");
      await().until(() -> Waiting.CLIENTS.get() == 1);
      String ahead = head("GET", "/imports/x") + "\r\n";
      for (int i = 0; i < ahead.length(); i++) connection.send(ahead.substring(i, i + 1));
      assertThat(connection.readOne()).startsWith("HTTP/1.1 200").endsWith("\"here\"");
      assertThat(connection.readOne()).startsWith("HTTP/1.1 400").contains("id must be a UUID");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "imports_service:8090",
        "_a._b",
        "localhost",
        "127.0.0.1:1",
        "[::1]:8080",
        "a-b.c_d.example"
      })
  void a_host_may_be_named_as_compose_names_it(String host) throws IOException {
    assertThat(answer(closing("GET", "/imports/x").replace("Host: x", "Host: " + host) + "\r\n"))
        .startsWith("HTTP/1.1 400")
        .contains("id must be a UUID");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "a_b:x", "a_b:1:2", "a_/b", "a_b,c", "a_\u00e9", "-", "a_b@c"})
  void a_host_that_is_malformed_is_a_400(String host) throws IOException {
    assertThat(answer(closing("GET", "/imports/").replace("Host: x", "Host: " + host) + "\r\n"))
        .startsWith("HTTP/1.1 400")
        .endsWith("{\"detail\":\"The request is malformed\"}");
  }

  @Test
  void an_answer_of_one_piece_has_its_length_and_leaves_at_once() throws IOException {
    String id = RunningService.newImport(java.util.Map.of("source", "s"));
    for (String path :
        List.of("/imports/" + id, "/imports/" + id + "x", "/imports/?limit=2", "/nowhere")) {
      try (var connection = new RawConnection(RunningService.port())) {
        connection.send(head("GET", path) + "\r\n");
        String answer = connection.readOnce();
        assertThat(answer).as(path).contains("Content-Length: ").doesNotContain("chunked");
        String body = answer.substring(answer.indexOf("\r\n\r\n") + 4);
        assertThat(body.getBytes(StandardCharsets.UTF_8)).as(path).hasSize(length(answer));
        assertThat(body).as(path).matches("(?s)[{\\[].*[}\\]]");
      }
    }
    try (var connection = new RawConnection(RunningService.port())) {
      connection.send(head("POST", "/imports/") + "Content-Length: 14\r\n\r\n" + BODY);
      assertThat(connection.readOnce()).startsWith("HTTP/1.1 201").contains("Content-Length: ");
    }
  }

  @Test
  void a_body_is_asked_for_only_when_it_would_be_read() throws IOException {
    String expects = "Expect: 100-continue\r\n";
    String post = closing("POST", "/imports/") + expects;
    String length = "Content-Length: 14\r\n\r\n";
    assertRefused(post.replace(KEY, "wrong") + length, 401);
    assertRefused(post.replace(KEY, RunningService.READER_KEY) + length, 403);
    assertRefused(post + "Content-Length: 70000\r\n\r\n", 413);
    assertRefused(post.replace("application/json", "text/plain") + length, 415);
    assertRefused(post + "Content-Encoding: gzip\r\n" + length, 415);
    assertRefused(post + "Accept: text/html\r\n" + length, 406);
    assertRefused(post.replace("/imports/ ", "/nowhere ") + length, 404);
    assertRefused(post.replace("POST", "PATCH") + length, 405);
    assertRefused(post.replace("100-continue", "a miracle") + length, 417);
    try (var connection = new RawConnection(RunningService.port())) {
      connection.send(head("POST", "/imports/") + expects + length);
      assertThat(connection.readOne()).isEqualTo("HTTP/1.1 100 \r\n\r\n");
      connection.send(BODY);
      assertThat(connection.readOne()).startsWith("HTTP/1.1 201");
    }
  }

  private static void assertRefused(String request, int status) throws IOException {
    assertThat(answer(request)).startsWith("HTTP/1.1 " + status).doesNotContain("HTTP/1.1 100");
  }

  @Test
  void two_lengths_of_one_body_open_no_way_for_a_second_request() throws IOException {
    String smuggled = "GET /imports/x HTTP/1.1\r\nHost: x\r\nX-API-Key: " + KEY + "\r\n\r\n";
    String both =
        head("POST", "/imports/")
            + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\ne\r\n"
            + BODY
            + "\r\n0\r\n\r\n"
            + smuggled;
    String twice =
        head("POST", "/imports/") + "Content-Length: 14\r\nContent-Length: 15\r\n\r\n" + BODY;
    String hidden =
        head("POST", "/imports/") + "Transfer-Encoding: xchunked\r\n\r\n" + BODY + smuggled;
    assertThat(answer(twice)).startsWith("HTTP/1.1 400");
    assertThat(answer(hidden)).startsWith("HTTP/1.1 501");
    for (String request : List.of(both, twice, hidden)) {
      assertThat(answer(request).split("HTTP/1.1 ", -1)).as(request).hasSize(2);
    }
  }

  @Test
  void a_body_in_chunks_follows_the_same_rules() throws IOException {
    String chunked = closing("POST", "/imports/") + "Transfer-Encoding: chunked\r\n\r\n";
    assertThat(answer(chunked + "e\r\n" + BODY + "\r\n0\r\nX-API-Key: wrong\r\n\r\n"))
        .startsWith("HTTP/1.1 201");
    String large = "{\"source\":\"s\",\"x\":\"" + "x".repeat(65_536) + "\"}";
    assertThat(
            answer(
                chunked + Integer.toHexString(large.length()) + "\r\n" + large + "\r\n0\r\n\r\n"))
        .startsWith("HTTP/1.1 413");
    for (String broken : List.of("zz\r\n", "-1\r\n{}\r\n", "e\r\n" + BODY + "x\r\n0\r\n\r\n")) {
      assertThat(answer(chunked + broken)).as(broken).startsWith("HTTP/1.1 400").endsWith("\"}");
    }
  }

  private static Callable<String> dripping(String begin, String drop) {
    return () -> {
      try (var connection = new RawConnection(RunningService.port())) {
        if (!begin.isEmpty()) connection.send(begin);
        return connection.dripUntilAnswered(drop, Duration.ofMillis(150));
      }
    };
  }

  private static Callable<String> silent(String begin) {
    return () -> answer(begin);
  }

  private static int length(String answer) {
    int at = answer.indexOf("Content-Length: ") + 16;
    return Integer.parseInt(answer.substring(at, answer.indexOf("\r\n", at)));
  }

  private static String closing(String method, String path) {
    return head(method, path) + "Connection: close\r\n";
  }

  private static String head(String method, String path) {
    return method
        + " "
        + path
        + " HTTP/1.1\r\nHost: x\r\nX-API-Key: "
        + KEY
        + "\r\nContent-Type: application/json\r\n";
  }
}
