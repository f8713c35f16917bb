package com.sdragent.imports.standalone;

import static com.sdragent.imports.standalone.RunningService.KEY;
import static com.sdragent.imports.standalone.RunningService.OTHER_KEY;
import static com.sdragent.imports.standalone.RunningService.READER_KEY;
import static com.sdragent.imports.standalone.RunningService.WRITER_KEY;
import static com.sdragent.imports.standalone.RunningService.ask;
import static com.sdragent.imports.standalone.RunningService.json;
import static com.sdragent.imports.standalone.RunningService.newImport;
import static com.sdragent.imports.standalone.RunningService.owner;
import static com.sdragent.imports.standalone.RunningService.request;
import static com.sdragent.imports.standalone.RunningService.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests with an {@code Idempotency-Key}, which are done once. */
class IdempotencyIT {
  private static final String NEW = "{\"source\":\"s\",\"file_name\":\"“é”.csv\"}";

  /** Headers that belong to the single request. */
  private static final Set<String> OF_THE_REQUEST =
      Set.of("date", "x-request-id", "idempotency-replayed");

  private final String path = "/imports/" + newImport(Map.of("source", "s"));
  private final String key = UUID.randomUUID().toString();

  @Nested
  class A_request_that_is_sent_again {
    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        value = {
          "POST|" + NEW + "|201",
          "PUT|{\"total_rows\":7}|200",
          "PUT|{}|200",
          "PATCH|{\"status\":\"failed\"}|200",
          "DELETE||200"
        })
    void gets_the_first_answer_with_its_headers(String method, String body, int status) {
      String to = method.equals("POST") ? "/imports/" : path;
      String sent = body == null ? "" : body;
      HttpResponse<String> first = asked(method, to, sent);
      assertThat(first.statusCode()).as(first.body()).isEqualTo(status);
      assertThat(first.headers().firstValue("Idempotency-Replayed")).isEmpty();
      long before = events();
      for (int again = 0; again < 2; again++) {
        HttpResponse<String> repeated = asked(method, to, sent);
        assertThat(repeated.headers().firstValue("Idempotency-Replayed")).contains("true");
        assertThat(repeated.statusCode()).isEqualTo(status);
        assertThat(repeated.body()).isEqualTo(first.body());
        assertThat(headers(repeated)).isEqualTo(headers(first));
      }
      assertThat(events()).isEqualTo(before);
    }

    @Test
    void gets_it_although_the_import_has_gone_on() {
      HttpResponse<String> first = asked("PUT", path, "{\"total_rows\":1}", "If-Match", "\"0\"");
      assertThat(first.statusCode()).isEqualTo(200);
      ask("PUT", path, "{\"total_rows\":2}");
      // Done again, it would be 412, and without a condition it would overwrite.
      for (String condition : List.of("\"0\"", "\"1\"", "*")) {
        HttpResponse<String> repeated =
            asked("PUT", path, "{\"total_rows\":1}", "If-Match", condition);
        assertThat(repeated.body()).isEqualTo(first.body());
        assertThat(repeated.headers().firstValue("ETag")).contains("\"1\"");
      }
      ask("DELETE", path);
      assertThat(asked("PUT", path, "{\"total_rows\":1}").body()).isEqualTo(first.body());
    }

    @Test
    void leaves_nothing_of_its_own_decision_to_the_next_request() {
      asked("PUT", path, "{\"total_rows\":1}");
      ask("PUT", path, "{\"total_rows\":2}");
      // It is decided on the import as it is now, and then refused by the append.
      HttpResponse<String> repeated = asked("PUT", path, "{\"total_rows\":1}");
      assertThat(repeated.headers().firstValue("Idempotency-Replayed")).contains("true");
      HttpResponse<String> next = askedAs(KEY, "PUT", path, "{\"file_name\":\"next.csv\"}");
      assertThat(next.headers().firstValue("ETag")).contains("\"3\"");
      assertThat(json(next).get("total_rows").intValue()).isEqualTo(2);
      assertThat(ask("GET", path).body()).isEqualTo(next.body());
    }

    @Test
    void that_changed_nothing_gets_it_although_it_would_change_something_now() {
      HttpResponse<String> first = asked("PUT", path, "{\"status\":\"pending\"}");
      ask("PUT", path, "{\"status\":\"failed\"}");
      assertThat(asked("PUT", path, "{\"status\":\"pending\"}").body()).isEqualTo(first.body());
      assertThat(json(ask("GET", path)).get("status").stringValue()).isEqualTo("failed");
    }

    @Test
    void may_be_written_in_another_way() {
      HttpResponse<String> first = asked("PUT", path, "{\"total_rows\":3}");
      for (String same : List.of(path + "/", path.toUpperCase(Locale.ROOT), path + "?x=y")) {
        String address = same.replace("/IMPORTS/", "/imports/");
        assertThat(asked("PUT", address, "{\"total_rows\":3}").body()).isEqualTo(first.body());
      }
      HttpResponse<String> byAnother =
          askedAs(WRITER_KEY, "PUT", path, "{\"total_rows\":3}", "Idempotency-Key", key);
      assertThat(byAnother.body()).isEqualTo(first.body());
      HttpResponse<String> byOneWhoMayNot =
          askedAs(READER_KEY, "PUT", path, "{\"total_rows\":3}", "Idempotency-Key", key);
      assertThat(byOneWhoMayNot.statusCode()).isEqualTo(403);
    }

    @Test
    void after_its_connection_was_lost_creates_no_second_import() throws Exception {
      try (Connection lock = Objects.requireNonNull(owner().getDataSource()).getConnection();
          var client = new Socket("localhost", RunningService.port())) {
        lock.setAutoCommit(false);
        try (var statement = lock.createStatement()) {
          statement.execute("select pg_advisory_xact_lock(4919131752989213764)");
        }
        byte[] body = NEW.getBytes(StandardCharsets.UTF_8);
        String head =
            """
            POST /imports/ HTTP/1.1\r
            Host: localhost\r
            X-API-Key: %s\r
            Content-Type: application/json\r
            Idempotency-Key: "%s"\r
            Content-Length: %s\r
            \r
            """
                .formatted(KEY, key, body.length);
        client.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        client.getOutputStream().write(body);
        client.getOutputStream().flush();
        await().until(IdempotencyIT::isAppendWaiting);
        client.close();
        lock.rollback();
      }
      await().until(() -> keptUnder(key) == 1);
      long before = events();
      HttpResponse<String> repeated = asked("POST", "/imports/", NEW);
      assertThat(repeated.statusCode()).isEqualTo(201);
      assertThat(repeated.headers().firstValue("Idempotency-Replayed")).contains("true");
      assertThat(events()).isEqualTo(before);
      assertThat(ask("GET", repeated.headers().firstValue("Location").orElseThrow()).body())
          .isEqualTo(repeated.body());
    }

    @Test
    void eight_times_at_once_is_done_once() throws Exception {
      long before = events();
      var answers = new ArrayList<Future<HttpResponse<String>>>();
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        for (int i = 0; i < 8; i++) {
          answers.add(threads.submit(() -> asked("POST", "/imports/", NEW)));
        }
      }
      var bodies = new HashSet<String>();
      int firsts = 0;
      for (var one : answers) {
        assertThat(one.get().statusCode()).isEqualTo(201);
        bodies.add(one.get().body());
        if (one.get().headers().firstValue("Idempotency-Replayed").isEmpty()) firsts++;
      }
      assertThat(bodies).hasSize(1);
      assertThat(firsts).isOne();
      assertThat(events()).isEqualTo(before + 1);
    }
  }

  @Nested
  class Another_request {
    @Test
    void under_the_same_key_is_422() {
      asked("PUT", path, "{\"total_rows\":1}");
      String other = "/imports/" + newImport(Map.of("source", "s"));
      for (HttpResponse<String> answer :
          List.of(
              asked("PUT", path, "{\"total_rows\":2}"),
              asked("PUT", path, "{\"total_rows\": 1}"),
              asked("PUT", other, "{\"total_rows\":1}"),
              asked("PATCH", path, "{\"total_rows\":1}"),
              asked("POST", "/imports/", NEW),
              asked("DELETE", path, ""),
              // Its own decision would be 404 or 412.
              asked("DELETE", "/imports/" + UUID.randomUUID(), ""),
              asked("DELETE", path, "", "If-Match", "\"77\""))) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(422);
        assertThat(json(answer).get("detail").stringValue())
            .isEqualTo("The Idempotency-Key was used for another request");
        assertThat(answer.headers().firstValue("Idempotency-Replayed")).isEmpty();
      }
      assertThat(ask("GET", path).headers().firstValue("ETag")).contains("\"1\"");
      HttpResponse<String> problem = asked("PUT", path, "{}", "Accept", "application/problem+json");
      assertThat(json(problem).get("code").stringValue()).isEqualTo("idempotency_key_reused");
      // What is wrong with it by itself comes first.
      assertThat(asked("PUT", path, "{\"total_rows\":-1}").statusCode()).isEqualTo(400);
    }

    @Test
    void of_another_organization_has_nothing_to_do_with_it() {
      HttpResponse<String> ours = asked("POST", "/imports/", NEW);
      HttpResponse<String> theirs =
          askedAs(OTHER_KEY, "POST", "/imports/", "{\"source\":\"t\"}", "Idempotency-Key", key);
      assertThat(theirs.statusCode()).isEqualTo(201);
      assertThat(theirs.headers().firstValue("Idempotency-Replayed")).isEmpty();
      assertThat(theirs.body()).isNotEqualTo(ours.body());
      assertThat(askedAs(OTHER_KEY, "POST", "/imports/", NEW, "Idempotency-Key", key).statusCode())
          .isEqualTo(422);
    }
  }

  @Nested
  class An_answer_that_is_no_success {
    @Test
    void is_not_kept() {
      assertThat(asked("POST", "/imports/", "{\"source\":7}").statusCode()).isEqualTo(400);
      assertThat(asked("DELETE", "/imports/" + UUID.randomUUID(), "").statusCode()).isEqualTo(404);
      assertThat(asked("PUT", path, "{\"total_rows\":1}", "If-Match", "\"7\"").statusCode())
          .isEqualTo(412);
      assertThat(keptUnder(key)).isZero();
      HttpResponse<String> done = asked("PUT", path, "{\"total_rows\":1}", "If-Match", "\"0\"");
      assertThat(done.statusCode()).isEqualTo(200);
      assertThat(done.headers().firstValue("Idempotency-Replayed")).isEmpty();
      assertThat(keptUnder(key)).isOne();
    }
  }

  @Nested
  class A_key {
    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        quoteCharacter = '\0',
        value = {"k|\"k\"", "a\\\"b|\"a\\\\\\\"b\"", "{a,b;c=1}|\"{a,b;c=1}\"", "'|\"'\""})
    void is_the_same_in_quotes_and_without(String bare, String quoted) {
      String suffix = UUID.randomUUID().toString();
      HttpResponse<String> first =
          askedAs(KEY, "POST", "/imports/", NEW, "Idempotency-Key", bare + suffix);
      assertThat(first.statusCode()).as(first.body()).isEqualTo(201);
      String inQuotes = quoted.substring(0, quoted.length() - 1) + suffix + "\"";
      HttpResponse<String> second =
          askedAs(KEY, "POST", "/imports/", NEW, "Idempotency-Key", inQuotes);
      assertThat(second.body()).isEqualTo(first.body());
    }

    @ParameterizedTest
    @ValueSource(
        strings = {"", "\"\"", "a b", "\"a b\"", "\"a", "\"a\"b", "\"a\\b\"", "\"a\"; b=1", "a\tb"})
    void that_is_none_is_400(String malformed) {
      HttpResponse<String> answer = askedAs(KEY, "PUT", path, "{}", "Idempotency-Key", malformed);
      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(json(answer).get("detail").stringValue())
          .isEqualTo(
              "Validation error: Idempotency-Key must be one key of 1 to 255 visible ASCII"
                  + " characters, in quotes or not");
    }

    @Test
    void has_at_most_255_characters_and_one_line() {
      String longest = key + "x".repeat(255 - key.length());
      assertThat(askedAs(KEY, "PUT", path, "{}", "Idempotency-Key", longest).statusCode())
          .isEqualTo(200);
      assertThat(
              askedAs(KEY, "PUT", path, "{}", "Idempotency-Key", '"' + longest + '"')
                  .headers()
                  .firstValue("Idempotency-Replayed"))
          .contains("true");
      assertThat(askedAs(KEY, "PUT", path, "{}", "Idempotency-Key", longest + "x").statusCode())
          .isEqualTo(400);
      assertThat(asked("PUT", path, "{}", "Idempotency-Key", key).statusCode()).isEqualTo(400);
    }

    @Test
    void that_is_not_sent_keeps_nothing() {
      UUID organization = UUID.fromString(json(ask("GET", path)).get("org_id").stringValue());
      long before = keptOf(organization);
      ask("PUT", path, "{\"total_rows\":1}");
      ask("PUT", path, "{}");
      ask("DELETE", path);
      assertThat(keptOf(organization)).isEqualTo(before);
    }
  }

  private static Map<String, List<String>> headers(HttpResponse<String> answer) {
    var headers = new TreeMap<>(answer.headers().map());
    headers.keySet().removeAll(OF_THE_REQUEST);
    return headers;
  }

  private static long events() {
    return count("select count(*) from domain_event");
  }

  private static long keptOf(UUID organization) {
    return count("select count(*) from idempotency_key where organization = ?", organization);
  }

  private static long keptUnder(String key) {
    return count("select count(*) from idempotency_key where key = ?", key);
  }

  private static boolean isAppendWaiting() {
    return count(
            "select count(*) from pg_locks where locktype = 'advisory' and not granted and database"
                + " = (select oid from pg_database where datname = current_database())")
        > 0;
  }

  private static long count(String sql, Object... arguments) {
    return Objects.requireNonNull(owner().queryForObject(sql, Long.class, arguments));
  }

  /** With the key of this test. */
  private HttpResponse<String> asked(String method, String to, String body, String... more) {
    var headers = new ArrayList<>(List.of("Idempotency-Key", key));
    headers.addAll(List.of(more));
    return askedAs(KEY, method, to, body, headers.toArray(String[]::new));
  }

  private static HttpResponse<String> askedAs(
      String apiKey, String method, String to, String body, String... headers) {
    var request = request(method, to).header("X-API-Key", apiKey);
    for (int i = 0; i < headers.length; i += 2) request.header(headers[i], headers[i + 1]);
    if (!body.isEmpty()) {
      request.header(
          "Content-Type",
          method.equals("PATCH") ? "application/merge-patch+json" : "application/json");
      request.method(method, BodyPublishers.ofString(body));
    }
    return send(request);
  }
}
