package com.sdragent.imports.standalone;

import static com.sdragent.imports.standalone.RunningService.JSON;
import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.testservers.contract.ApiContract;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Whatever is sent, the answer is never a fault of the server's and always of the one error shape.
 */
class MalformedRequestsIT {
  private static final int REQUESTS = 10_000;
  private static final int CLIENTS = 4;
  private static final long SEED = 20241006;
  private static final String[] HEADERS = {
    "Accept",
    "Accept-Charset",
    "Accept-Encoding",
    "Accept-Language",
    "Authorization",
    "Baggage",
    "Content-Type",
    "Cookie",
    "Expect",
    "Forwarded",
    "Idempotency-Key",
    "If-Match",
    "If-Modified-Since",
    "If-None-Match",
    "If-Range",
    "Last-Event-ID",
    "Min-Version",
    "Origin",
    "Prefer",
    "Range",
    "Traceparent",
    "Tracestate",
    "X-API-Key",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Port",
    "X-Forwarded-Prefix",
    "X-Forwarded-Proto",
    "X-Request-Id"
  };

  @Test
  void ten_thousand_malformed_requests_never_get_a_5xx_and_always_the_error_shape()
      throws Exception {
    // Started here: virtual threads that wait for a class to be initialized hold their carriers.
    int port = RunningService.port();
    var statuses = new TreeMap<Integer, Integer>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var clients = new ArrayList<Future<List<Integer>>>();
      for (int client = 0; client < CLIENTS; client++) {
        clients.add(threads.submit(sending(port, new Random(SEED + client), REQUESTS / CLIENTS)));
      }
      for (Future<List<Integer>> client : clients) {
        for (int status : client.get(120, TimeUnit.SECONDS))
          statuses.merge(status, 1, Integer::sum);
      }
    }
    System.out.println("Malformed requests by status: " + statuses);
    assertThat(statuses.values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(REQUESTS);
    assertThat(statuses.keySet()).contains(400, 413, 415).allMatch(status -> status < 500);
    // What passed was no malformed request after all: random bytes may spell a valid body.
    assertThat(statuses.getOrDefault(201, 0)).isLessThan(REQUESTS / 20);
  }

  private static Callable<List<Integer>> sending(int port, Random random, int count) {
    return () -> {
      var statuses = new ArrayList<Integer>();
      for (int i = 0; i < count; i++) {
        byte[] request = malformed(random);
        statuses.add(statusOf(port, request));
      }
      return statuses;
    };
  }

  private static int statusOf(int port, byte[] request) throws IOException {
    try (var socket = new Socket("localhost", port)) {
      socket.setSoTimeout(20_000);
      try {
        socket.getOutputStream().write(request);
      } catch (IOException e) {
        // Refused before the whole body was sent: the answer still counts.
      }
      String response = readAll(socket.getInputStream());
      String shown = new String(request, StandardCharsets.ISO_8859_1);
      assertThat(response).as("answer to %.300s", shown).startsWith("HTTP/1.1 ");
      ApiContract.assertAnswerKept(shown, response);
      int status = Integer.parseInt(response.substring(9, 12));
      if (status >= 400) {
        assertThat(response.toLowerCase(Locale.ROOT))
            .as("answer to %.300s", shown)
            .contains("content-type: application/json")
            .contains("x-request-id: ");
        JsonNode body = JSON.readTree(response.substring(response.indexOf("\r\n\r\n") + 4));
        assertThat(body.propertyNames()).containsExactly("detail");
        assertThat(body.get("detail").isString()).isTrue();
      }
      return status;
    }
  }

  private static String readAll(InputStream stream) throws IOException {
    var bytes = new ByteArrayOutputStream();
    var input = new BufferedInputStream(stream);
    try {
      for (int b = input.read(); b >= 0; b = input.read()) bytes.write(b);
    } catch (IOException e) {
      // A reset after the answer: what came counts.
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static byte[] malformed(Random random) {
    return switch (random.nextInt(10)) {
      case 0 -> post(bytes(random, 1 + random.nextInt(200)), "application/json");
      case 1 -> post(brokenJson(random), "application/json");
      case 2 -> post(wrongTypes(random), "application/json");
      case 3 ->
          post(
              utf8("{\"source\":\"s\",\"total_rows\":" + digits(random) + "}"), "application/json");
      case 4 -> post(utf8("{\"source\":\"a\\u0000" + random.nextInt() + "\"}"), "application/json");
      case 5 -> post(invalidUtf8(random), "application/json");
      case 6 -> post(utf8("{\"source\":\"s\"}"), mediaType(random));
      case 7 -> longHeader(random);
      case 8 -> strangeHeader(random);
      default -> post(utf8(" ".repeat(65_536 + random.nextInt(5_000))), "application/json");
    };
  }

  private static byte[] brokenJson(Random random) {
    String whole =
        "{\"source\":\"salesforce\",\"file_name\":\"a.csv\",\"status\":\"pending\",\"total_rows\":5}";
    return utf8(whole.substring(0, random.nextInt(whole.length())));
  }

  private static byte[] wrongTypes(Random random) {
    String[] values = {
      "[]", "{}", "5", "-5", "1.5", "true", "null", "\"\"", "\"\\ud800\"", "[[[[]]]]", "1e999"
    };
    String value = values[random.nextInt(values.length)];
    String[] fields = {"source", "file_name", "campaign_id", "status", "total_rows"};
    var body = new StringBuilder("{");
    for (String field : fields)
      body.append('"').append(field).append("\":").append(value).append(',');
    return utf8(
        body.append("\"x\":").append("[".repeat(random.nextInt(2_000))).append('}').toString());
  }

  private static String digits(Random random) {
    return (random.nextBoolean() ? "-" : "9")
        + "9".repeat(1 + random.nextInt(3_000))
        + (random.nextBoolean() ? "e" + random.nextInt(99_999) : "");
  }

  private static byte[] invalidUtf8(Random random) {
    byte[] body = utf8("{\"source\":\"xxxxxxxxxx\"}");
    body[11 + random.nextInt(10)] = (byte) (0x80 + random.nextInt(0x80));
    return body;
  }

  private static String mediaType(Random random) {
    String[] types = {
      "text/plain",
      "application/xml",
      "*/*",
      "",
      "json",
      "application/",
      "a/b; c=\"",
      "multipart/form-data",
      "\u00ff/\u00fe"
    };
    return types[random.nextInt(types.length)];
  }

  private static byte[] longHeader(Random random) {
    return utf8(
        head("GET", "/imports/?status=x")
            + "X-Long: "
            + "x".repeat(random.nextInt(30_000))
            + "\r\n\r\n");
  }

  /** Of a header that something on the way to the answer reads, with a key and without. */
  private static byte[] strangeHeader(Random random) {
    String[] paths = {
      "/imports/?limit=1",
      "/nowhere",
      "/",
      "/openapi.yaml",
      "/v3/api-docs",
      "/swagger-ui/index.html",
      "/console/",
      "/actuator/health",
      "/admin/projections"
    };
    String name = HEADERS[random.nextInt(HEADERS.length)];
    String value =
        switch (random.nextInt(12)) {
          case 0 -> "";
          case 1 -> ",;,;=,";
          case 2 -> "\"";
          case 3 -> "\u00ff\u00fe/\u00ff";
          case 4 -> "-1";
          case 5 -> "9".repeat(30);
          case 6 -> "x".repeat(4_000);
          case 7 -> "a/b,".repeat(51 + random.nextInt(900));
          case 8 -> "*/*,".repeat(51 + random.nextInt(900));
          case 9 -> "%zz%00[]{}<>";
          case 10 -> "bytes=0-,-1,5-2";
          default -> "a=b;q=x;" + random.nextInt();
        };
    String head = head("GET", paths[random.nextInt(paths.length)]);
    if (random.nextBoolean()) head = head.replaceFirst("X-API-Key: .*\r\n", "");
    return (head + name + ": " + value + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] post(byte[] body, String type) {
    var request = new ByteArrayOutputStream();
    request.writeBytes(
        (head("POST", "/imports/")
                + "Content-Type: "
                + type
                + "\r\nContent-Length: "
                + body.length
                + "\r\n\r\n")
            .getBytes(StandardCharsets.ISO_8859_1));
    request.writeBytes(body);
    return request.toByteArray();
  }

  private static String head(String method, String path) {
    return method
        + " "
        + path
        + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-API-Key: "
        + RunningService.KEY
        + "\r\n";
  }

  private static byte[] bytes(Random random, int length) {
    var bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
