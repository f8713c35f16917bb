package com.sdragent.imports.standalone;

import static com.sdragent.imports.standalone.RunningService.AUDITOR_KEY;
import static com.sdragent.imports.standalone.RunningService.KEY;
import static com.sdragent.imports.standalone.RunningService.OTHER_KEY;
import static com.sdragent.imports.standalone.RunningService.READER_KEY;
import static com.sdragent.imports.standalone.RunningService.ask;
import static com.sdragent.imports.standalone.RunningService.json;
import static com.sdragent.imports.standalone.RunningService.newImport;
import static com.sdragent.imports.standalone.RunningService.request;
import static com.sdragent.imports.standalone.RunningService.send;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The versions of an import, and what a request may ask for about them. */
class VersionsIT {
  private static final String UNKNOWN = "/imports/019376b2-7d1c-7e5f-9a51-3f0c5d2a9b10";
  private static final String MERGE_PATCH = "application/merge-patch+json";

  private final String path = "/imports/" + newImport(Map.of("source", "s", "file_name", "a.csv"));

  @Nested
  class An_entity_tag {
    @Test
    void is_the_sequence_number_of_the_import_s_last_event_and_strong() {
      HttpResponse<String> created = ask("POST", "/imports/", "{\"source\":\"s\"}");
      assertThat(tag(created)).isEqualTo("\"0\"");
      assertThat(tag(ask("GET", path))).isEqualTo("\"0\"");
      assertThat(tag(ask("HEAD", path))).isEqualTo("\"0\"");
      // Two events by one PUT, then none.
      String both = "{\"status\":\"failed\",\"total_rows\":7}";
      assertThat(tag(ask("PUT", path, both))).isEqualTo("\"2\"");
      assertThat(tag(ask("PUT", path, both))).isEqualTo("\"2\"");
      assertThat(tag(ask("GET", path + "/"))).isEqualTo("\"2\"");
      assertThat(tag(ask("GET", path + "?wait=1&until=failed"))).isEqualTo("\"2\"");
      assertThat(tag(asked("PATCH", path, "{\"total_rows\":8}", "Content-Type", MERGE_PATCH)))
          .isEqualTo("\"3\"");
    }

    @Test
    void of_a_status_that_a_waiting_client_missed_is_the_one_that_it_had_then() throws Exception {
      Future<HttpResponse<String>> waiting =
          beside(() -> ask("GET", path + "?wait=20&until=failed"));
      while (!waiting.isDone()) {
        ask("PUT", path, "{\"status\":\"failed\"}");
        ask("PUT", path, "{\"status\":\"pending\"}");
      }
      HttpResponse<String> seen = waiting.get();
      assertThat(json(seen).get("status").stringValue()).isEqualTo("failed");
      // The odd ones are failures.
      assertThat(Long.parseLong(tag(seen).replace("\"", "")) % 2).isOne();
    }

    @Test
    void is_not_on_answers_of_which_there_is_no_version() {
      assertThat(tag(ask("GET", "/imports/?limit=1"))).isEmpty();
      HttpResponse<String> past =
          send(
              request("GET", path + "?as_of=2100-01-01T00:00:00Z")
                  .header("X-API-Key", AUDITOR_KEY));
      assertThat(past.statusCode()).isEqualTo(200);
      assertThat(tag(past)).isEmpty();
      HttpResponse<String> deleted = ask("DELETE", path);
      assertThat(deleted.statusCode()).isEqualTo(200);
      assertThat(tag(deleted)).isEmpty();
      assertThat(tag(ask("GET", path))).isEmpty();
    }
  }

  @Nested
  class If_match {
    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        value = {
          "\"1\"|200",
          "\"0\"|412",
          "\"2\"|412",
          "\"01\"|412",
          "W/\"1\"|412",
          "*|200",
          "\"0\", W/\"1\", \"1\"|200",
          ", \"0\",,\t\"1\" ,|200",
          "\"a,\\\"b\"|400",
          "\"a,b\", \"1\"|200",
          "\"0\" \"1\"|400",
          "1|400",
          "*, \"1\"|400",
          "w/\"1\"|400",
          "W/ \"1\"|400",
          "\"1|400",
          "\"a b\"|400",
          ",|400",
          "''|400"
        })
    void lets_a_change_be_made_to_the_named_versions_alone(String condition, int status) {
      ask("PUT", path, "{\"total_rows\":1}");
      for (Callable<HttpResponse<String>> change : changes("If-Match", condition)) {
        HttpResponse<String> answer = done(change);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        if (status == 200) break;
        String detail = json(answer).get("detail").stringValue();
        assertThat(detail)
            .isEqualTo(
                status == 400
                    ? "Validation error: If-Match must be * or entity tags in quotes, separated by"
                        + " commas"
                    : "The version is none that If-Match or If-None-Match allow");
        assertThat(tag(ask("GET", path))).isEqualTo("\"1\"");
      }
    }

    @Test
    void in_several_lines_is_one_list() {
      assertThat(asked("PUT", path, "{}", "If-Match", "\"7\"", "If-Match", "\"0\"").statusCode())
          .isEqualTo(200);
      assertThat(asked("PUT", path, "{}", "If-Match", "\"7\"", "If-Match", "*").statusCode())
          .isEqualTo(400);
    }

    @Test
    void is_judged_although_nothing_would_change() {
      assertThat(asked("PUT", path, "{}", "If-Match", "\"1\"").statusCode()).isEqualTo(412);
      assertThat(asked("DELETE", path, "", "If-Match", "\"1\"").statusCode()).isEqualTo(412);
      assertThat(asked("DELETE", path, "", "If-Match", "\"0\"").statusCode()).isEqualTo(200);
    }

    @Test
    void of_a_get_is_judged_too() {
      assertThat(asked("GET", path, "", "If-Match", "\"0\"").statusCode()).isEqualTo(200);
      HttpResponse<String> other = asked("GET", path, "", "If-Match", "\"1\"");
      assertThat(other.statusCode()).isEqualTo(412);
      assertThat(tag(other)).isEmpty();
    }

    @Test
    void lets_one_of_many_who_saw_the_same_version_change_it() throws Exception {
      for (int round = 0; round < 5; round++) {
        String seen = tag(ask("GET", path));
        var answers = new ArrayList<Future<HttpResponse<String>>>();
        for (int i = 0; i < 8; i++) {
          String body = "{\"total_rows\":%s}".formatted(100 * round + i + 1);
          answers.add(beside(() -> asked("PUT", path, body, "If-Match", seen)));
        }
        var statuses = new ArrayList<Integer>();
        for (var one : answers) statuses.add(one.get().statusCode());
        assertThat(statuses).containsOnly(200, 412).containsOnlyOnce(200);
      }
    }

    @Test
    void comes_after_what_is_wrong_without_it() {
      String stale = "\"7\"";
      assertThat(send(request("PUT", path).header("If-Match", stale)).statusCode()).isEqualTo(401);
      assertThat(askedAs(READER_KEY, "PUT", path, "{}", "If-Match", stale).statusCode())
          .isEqualTo(403);
      assertThat(asked("PUT", UNKNOWN, "{}", "If-Match", "*").statusCode()).isEqualTo(404);
      assertThat(askedAs(OTHER_KEY, "PUT", path, "{}", "If-Match", stale).statusCode())
          .isEqualTo(404);
      assertThat(asked("PUT", path, "{\"total_rows\":-1}", "If-Match", stale).statusCode())
          .isEqualTo(400);
      assertThat(
              asked("PUT", path, "{}", "Content-Type", "text/plain", "If-Match", stale)
                  .statusCode())
          .isEqualTo(415);
      assertThat(asked("GET", UNKNOWN, "", "If-Match", "*").statusCode()).isEqualTo(404);
    }

    @Test
    void that_is_not_met_is_a_problem_for_who_asks_for_problems() {
      HttpResponse<String> answer =
          asked("PUT", path, "{}", "If-Match", "\"7\"", "Accept", "application/problem+json");
      assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
      assertThat(json(answer).get("code").stringValue()).isEqualTo("precondition_failed");
      assertThat(json(answer).get("title").stringValue()).isEqualTo("Precondition Failed");
    }

    private List<Callable<HttpResponse<String>>> changes(String header, String value) {
      return List.of(
          () -> asked("PUT", path, "{\"total_rows\":2}", header, value),
          () ->
              asked(
                  "PATCH", path, "{\"total_rows\":2}", header, value, "Content-Type", MERGE_PATCH),
          () -> asked("DELETE", path, "", header, value));
    }
  }

  @Nested
  class If_none_match {
    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        value = {"\"0\"|304", "W/\"0\"|304", "*|304", "\"7\", W/\"0\"|304", "\"1\"|200", "0|400"})
    void saves_the_body_when_the_client_has_the_version(String condition, int status) {
      for (String method : List.of("GET", "HEAD")) {
        HttpResponse<String> answer = asked(method, path, "", "If-None-Match", condition);
        assertThat(answer.statusCode()).isEqualTo(status);
        if (status == 304) assertThat(answer.body()).isEmpty();
      }
    }

    @Test
    void that_is_met_gives_the_headers_of_the_answer_without_those_of_its_body()
        throws IOException {
      Map<String, String> full = headers("");
      Map<String, String> none = headers("If-None-Match: \"0\"\r\n");
      assertThat(full.remove("content-type")).isEqualTo("application/json");
      assertThat(full.remove("content-length")).isNotNull();
      full.keySet().removeAll(List.of("date", "x-request-id"));
      assertThat(none.remove("date")).isNotNull();
      assertThat(none.remove("x-request-id")).isNotNull();
      assertThat(none).isEqualTo(full).containsEntry("etag", "\"0\"");
    }

    @Test
    void of_a_change_is_met_by_other_versions_only() {
      assertThat(asked("PUT", path, "{}", "If-None-Match", "*").statusCode()).isEqualTo(412);
      assertThat(asked("PUT", path, "{}", "If-None-Match", "W/\"0\"").statusCode()).isEqualTo(412);
      assertThat(asked("PUT", path, "{}", "If-None-Match", "\"1\"").statusCode()).isEqualTo(200);
    }

    @Test
    void is_nothing_to_an_import_that_there_is_not() {
      assertThat(asked("GET", UNKNOWN, "", "If-None-Match", "*").statusCode()).isEqualTo(404);
      assertThat(askedAs(OTHER_KEY, "GET", path, "", "If-None-Match", "*").statusCode())
          .isEqualTo(404);
    }

    @Test
    void of_a_long_poll_is_judged_by_what_it_ends_with() {
      assertThat(asked("GET", path + "?wait=1", "", "If-None-Match", "\"0\"").statusCode())
          .isEqualTo(304);
    }

    /** The headers of the answer to a GET with these lines, as they are sent. */
    private Map<String, String> headers(String lines) throws IOException {
      try (var socket = new Socket("localhost", RunningService.port())) {
        socket.setSoTimeout(10_000);
        String request =
            "GET %s HTTP/1.1\r\nHost: x\r\nX-API-Key: %s\r\n%sConnection: close\r\n\r\n"
                .formatted(path, KEY, lines);
        socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        String answer =
            new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        var headers = new TreeMap<String, String>();
        answer
            .substring(0, answer.indexOf("\r\n\r\n"))
            .lines()
            .skip(1)
            .map(line -> line.split(": ?", 2))
            .forEach(
                one ->
                    headers.merge(one[0].toLowerCase(Locale.ROOT), one[1], (a, b) -> a + ", " + b));
        return headers;
      }
    }
  }

  @Nested
  class Min_version {
    @Test
    void that_is_there_changes_nothing() {
      assertThat(asked("GET", path, "", "Min-Version", "0").body())
          .isEqualTo(ask("GET", path).body());
    }

    @Test
    void that_comes_while_the_client_waits_is_shown() throws Exception {
      HttpResponse<String> seen = null;
      long least = 0;
      while (seen == null || seen.statusCode() == 503) {
        String wanted = Long.toString(++least);
        Future<HttpResponse<String>> waiting =
            beside(() -> asked("GET", path, "", "Min-Version", wanted));
        ask("PUT", path, "{\"total_rows\":%s}".formatted(least));
        seen = waiting.get();
      }
      assertThat(seen.statusCode()).isEqualTo(200);
      assertThat(json(seen).get("total_rows").longValue()).isEqualTo(least);
      assertThat(tag(seen)).isEqualTo("\"" + least + "\"");
    }

    @Test
    void that_does_not_come_is_503_with_retry_after_for_whatever_import() throws Exception {
      var answers = new ArrayList<Future<HttpResponse<String>>>();
      for (String wanted : List.of(path, path + "?wait=0", UNKNOWN)) {
        answers.add(beside(() -> asked("GET", wanted, "", "Min-Version", "1")));
      }
      // Another organization's import is like none, whatever its version is.
      answers.add(beside(() -> askedAs(OTHER_KEY, "GET", path, "", "Min-Version", "0")));
      for (var one : answers) {
        HttpResponse<String> answer = one.get();
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.headers().firstValue("Retry-After")).contains("1");
        assertThat(json(answer).get("detail").stringValue())
            .isEqualTo("This node does not have that version of the import, try again");
      }
    }

    @Test
    void of_a_deleted_import_is_404_up_to_its_deletion() {
      ask("DELETE", path);
      assertThat(asked("GET", path, "", "Min-Version", "1").statusCode()).isEqualTo(404);
      assertThat(asked("GET", path, "", "Min-Version", "2").statusCode()).isEqualTo(503);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "1.5", "\"1\"", "1, 2", "1234567890123456789", "x"})
    void that_is_no_sequence_number_is_400(String malformed) {
      HttpResponse<String> answer = asked("GET", path, "", "Min-Version", malformed);
      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(json(answer).get("detail").stringValue())
          .isEqualTo("Validation error: Min-Version must be the sequence number of an event");
    }
  }

  @Nested
  class A_merge_patch {
    @Test
    void does_what_the_same_put_does() {
      String other = "/imports/" + newImport(Map.of("source", "s", "file_name", "a.csv"));
      String campaign = "8d0f7780-8536-51ef-a948-f18ad2a01bf8";
      for (String body :
          List.of(
              "{\"campaign_id\":\"" + campaign + "\",\"status\":\"processing\"}",
              "{\"campaign_id\":null}",
              "{\"file_name\":null,\"total_rows\":7,\"nobody\":{\"knows\":null}}",
              "{}",
              "{\"source\":null}",
              "{\"status\":null}",
              "{\"total_rows\":null}",
              "[]",
              "null",
              "{")) {
        HttpResponse<String> patched = asked("PATCH", path, body, "Content-Type", MERGE_PATCH);
        HttpResponse<String> put = ask("PUT", other, body);
        assertThat(patched.statusCode()).isEqualTo(put.statusCode());
        assertThat(tag(patched)).isEqualTo(tag(put));
        assertThat(withoutItsOwn(patched.body())).isEqualTo(withoutItsOwn(put.body()));
      }
      assertThat(json(ask("GET", path)).get("file_name").isNull()).isTrue();
    }

    @Test
    void of_another_media_type_is_told_the_one_that_is_taken() {
      for (String type : List.of("application/json", "application/json-patch+json", "text/plain")) {
        HttpResponse<String> answer = asked("PATCH", path, "{}", "Content-Type", type);
        assertThat(answer.statusCode()).isEqualTo(415);
        assertThat(answer.headers().firstValue("Accept-Patch")).contains(MERGE_PATCH);
        assertThat(json(answer).get("detail").stringValue())
            .isEqualTo("The body must be sent as " + MERGE_PATCH);
      }
      assertThat(asked("PUT", path, "{}", "Content-Type", MERGE_PATCH).statusCode()).isEqualTo(415);
      assertThat(
              asked("PATCH", path, "{}", "Content-Type", MERGE_PATCH + "; charset=utf-8")
                  .statusCode())
          .isEqualTo(200);
    }

    @Test
    void is_offered_and_needs_the_scope_of_a_put() {
      HttpResponse<String> options = ask("OPTIONS", path);
      assertThat(options.headers().firstValue("Allow").orElseThrow().split(", ?"))
          .contains("GET", "PUT", "PATCH", "DELETE");
      assertThat(options.headers().firstValue("Accept-Patch")).contains(MERGE_PATCH);
      assertThat(askedAs(READER_KEY, "PATCH", path, "{}", "Content-Type", MERGE_PATCH).statusCode())
          .isEqualTo(403);
    }

    private String withoutItsOwn(String body) {
      return body.replaceAll("\"(id|created_at|updated_at)\":\"[^\"]*\"", "");
    }
  }

  @Nested
  class A_strict_request {
    @ParameterizedTest
    @ValueSource(strings = {"=x", "%20=x", "%00=x", "limit=1&%C2%85=x"})
    void with_a_parameter_whose_name_is_none_is_a_400(String query) {
      HttpResponse<String> answer =
          send(
              request("GET", "/imports/?" + query)
                  .header("X-API-Key", KEY)
                  .header("Prefer", "handling=strict"));
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    }

    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        value = {
          "POST|{\"source\":\"s\",\"fileName\":\"x\"}|fileName is not known, the nearest is"
              + " file_name",
          "PUT|{\"totl_rows\":7}|totl_rows is not known, the nearest is total_rows",
          "PATCH|{\"org_id\":7}|org_id is not known, the nearest is source",
          "POST|{\"sourc\":\"s\"}|source field is required; sourc is not known, the nearest is"
              + " source"
        })
    void names_the_nearest_known_field(String method, String body, String errors) {
      String type = method.equals("PATCH") ? MERGE_PATCH : "application/json";
      String to = method.equals("POST") ? "/imports/" : path;
      HttpResponse<String> strict =
          asked(method, to, body, "Content-Type", type, "Prefer", "handling=strict");
      assertThat(strict.statusCode()).isEqualTo(400);
      assertThat(json(strict).get("detail").stringValue()).isEqualTo("Validation error: " + errors);
      assertThat(strict.headers().firstValue("Preference-Applied")).contains("handling=strict");
      HttpResponse<String> lenient =
          asked(method, to, body, "Content-Type", type, "Prefer", "handling=lenient");
      assertThat(lenient.statusCode())
          .isEqualTo(errors.contains("required") ? 400 : lenient(method));
      assertThat(lenient.headers().firstValue("Preference-Applied")).isEmpty();
    }

    private static int lenient(String method) {
      return method.equals("POST") ? 201 : 200;
    }

    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        value = {
          "/imports/?statsu=failed|statsu is not known, the nearest is status",
          "/imports/?limit=1&x=1&Cursor=2|x is not known, the nearest is as_of;"
              + " Cursor is not known, the nearest is cursor",
          "/imports/summary?limit=1|limit is not known, the nearest is status",
          "/imports/{id}?unti=failed|unti is not known, the nearest is until"
        })
    void names_the_nearest_known_parameter(String address, String errors) {
      String to = address.replace("/imports/{id}", path);
      HttpResponse<String> strict = asked("GET", to, "", "Prefer", "handling=strict");
      assertThat(strict.statusCode()).isEqualTo(400);
      assertThat(json(strict).get("detail").stringValue()).isEqualTo("Validation error: " + errors);
      assertThat(ask("GET", to).statusCode()).isEqualTo(200);
    }

    @Test
    void knows_every_parameter_of_the_document() {
      for (String address :
          List.of(
              "/imports/?status=failed&campaign_id=8d0f7780-8536-51ef-a948-f18ad2a01bf8&source=s"
                  + "&created_after=2020-01-01T00:00:00Z&created_before=2020-01-01T00:00:00Z"
                  + "&updated_after=2020-01-01T00:00:00Z&limit=1",
              "/imports?limit=1",
              path + "?wait=0&until=failed",
              path + "/",
              "/imports/summary?status=failed&source=s")) {
        for (String method : List.of("GET", "HEAD")) {
          if (method.equals("HEAD") && address.contains("limit")) continue;
          HttpResponse<String> answer = asked(method, address, "", "Prefer", "handling=strict");
          assertThat(answer.statusCode()).as(address + answer.body()).isEqualTo(200);
          assertThat(answer.headers().firstValue("Preference-Applied")).contains("handling=strict");
        }
      }
      for (String address :
          List.of(
              path + "?as_of=2100-01-01T00:00:00Z",
              path + "/events?limit=1",
              "/events?limit=1&after=0&type=ImportCreated")) {
        assertThat(
                askedAs(AUDITOR_KEY, "GET", address, "", "Prefer", "handling=strict").statusCode())
            .as(address)
            .isEqualTo(200);
      }
    }

    @Test
    void has_no_parameters_where_there_are_none() {
      HttpResponse<String> answer =
          asked("DELETE", path + "?force=1", "", "Prefer", "handling=strict");
      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(json(answer).get("detail").stringValue())
          .isEqualTo("Validation error: force is not known, and neither is any other here");
      assertThat(ask("GET", path).statusCode()).isEqualTo(200);
    }

    @Test
    void is_told_a_few_of_many_unknown_names_and_their_beginnings() {
      var body = new StringBuilder("{\"source\":\"s\",\"\\ud800" + "x".repeat(1000) + "\":1");
      for (int i = 0; i < 1000; i++) body.append(",\"n").append(i).append("\":1");
      HttpResponse<String> answer =
          asked("POST", "/imports/", body + "}", "Prefer", "handling=strict");
      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(answer.body()).hasSizeLessThan(1000).contains("?xxx", "…");
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "Handling=STRICT",
          "respond-async, handling=\"strict\"; foo=bar",
          "x=\"a, handling=lenient\", handling = strict"
        })
    void may_be_wanted_in_any_form_of_the_header(String prefer) {
      assertThat(asked("GET", path + "?x=1", "", "Prefer", prefer).statusCode()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "",
          "handling",
          "handling=lenient, handling=strict",
          "x=\"handling=strict\"",
          "\"handling=strict",
          "return=minimal"
        })
    void is_not_what_any_other_preference_asks_for(String prefer) {
      HttpResponse<String> answer = asked("GET", path + "?x=1", "", "Prefer", prefer);
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().firstValue("Preference-Applied")).isEmpty();
    }
  }

  private static HttpResponse<String> asked(
      String method, String path, String body, String... headers) {
    return askedAs(KEY, method, path, body, headers);
  }

  private static HttpResponse<String> askedAs(
      String key, String method, String path, String body, String... headers) {
    var request = request(method, path).header("X-API-Key", key);
    for (int i = 0; i < headers.length; i += 2) request.header(headers[i], headers[i + 1]);
    if (!body.isEmpty()) {
      boolean hasType = List.of(headers).contains("Content-Type");
      if (!hasType) request.header("Content-Type", "application/json");
      request.method(method, BodyPublishers.ofString(body));
    }
    return send(request);
  }

  private static String tag(HttpResponse<String> answer) {
    return answer.headers().firstValue("ETag").orElse("");
  }

  private static <T> T done(Callable<T> act) {
    try {
      return act.call();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static <T> Future<T> beside(Callable<T> act) throws InterruptedException {
    var threads = Executors.newVirtualThreadPerTaskExecutor();
    Future<T> future = threads.submit(act);
    threads.shutdown();
    return future;
  }
}
