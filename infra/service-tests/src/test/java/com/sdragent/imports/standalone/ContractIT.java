package com.sdragent.imports.standalone;

import static com.sdragent.imports.standalone.RunningService.ADMIN_KEY;
import static com.sdragent.imports.standalone.RunningService.AUDITOR_KEY;
import static com.sdragent.imports.standalone.RunningService.JSON;
import static com.sdragent.imports.standalone.RunningService.KEY;
import static com.sdragent.imports.standalone.RunningService.OPERATOR_KEY;
import static com.sdragent.imports.standalone.RunningService.OTHER_KEY;
import static com.sdragent.imports.standalone.RunningService.READER_KEY;
import static com.sdragent.imports.standalone.RunningService.WRITER_KEY;
import static com.sdragent.imports.standalone.RunningService.ask;
import static com.sdragent.imports.standalone.RunningService.json;
import static com.sdragent.imports.standalone.RunningService.newImport;
import static com.sdragent.imports.standalone.RunningService.request;
import static com.sdragent.imports.standalone.RunningService.send;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sdragent.imports.access.keys.KeyToken;
import com.sdragent.imports.testservers.contract.ApiContract;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.databind.JsonNode;

/** Each rule of the HTTP contract that the published document leaves open, one by one. */
class ContractIT {
  private static final String CAMPAIGN = "8d0f7780-8536-51ef-a948-f18ad2a01bf8";
  private static final String UNKNOWN = "019376b2-7d1c-7e5f-9a51-3f0c5d2a9b10";

  @Nested
  class Every_response {
    @Test
    void shows_exactly_nine_fields_in_the_documented_order_with_nulls_present() {
      HttpResponse<String> response = ask("POST", "/imports/", "{\"source\":\"webhook\"}");
      assertThat(json(response).propertyNames())
          .containsExactly(
              "id",
              "org_id",
              "campaign_id",
              "source",
              "file_name",
              "status",
              "total_rows",
              "created_at",
              "updated_at");
      assertThat(json(response).get("campaign_id").isNull()).isTrue();
      assertThat(json(response).get("file_name").isNull()).isTrue();
      assertThat(json(response).get("status").stringValue()).isEqualTo("pending");
      assertThat(json(response).get("total_rows").longValue()).isZero();
      assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
    }

    @Test
    void is_the_same_with_and_without_the_trailing_slash_and_never_a_redirect() {
      assertThat(ask("POST", "/imports", "{\"source\":\"s\"}").statusCode()).isEqualTo(201);
      String id = newImport(Map.of("source", "s"));
      assertThat(ask("GET", "/imports").statusCode()).isEqualTo(200);
      assertThat(ask("GET", "/imports/" + id + "/").body())
          .isEqualTo(ask("GET", "/imports/" + id).body());
      assertThat(ask("PUT", "/imports/" + id + "/", "{\"total_rows\":1}").statusCode())
          .isEqualTo(200);
      assertThat(ask("DELETE", "/imports/" + id + "/").statusCode()).isEqualTo(200);
    }

    @Test
    void carries_the_client_s_request_id_when_it_is_sane() {
      assertThat(requestId("order 66")).isEqualTo("order 66");
      assertThat(requestId("x".repeat(128))).hasSize(128);
      assertThat(requestId("x".repeat(129))).isNotEqualTo("x".repeat(129)).isNotBlank();
      assertThat(ask("GET", "/nowhere").headers().firstValue("X-Request-Id")).isPresent();
    }

    @Test
    void at_the_root_leads_people_and_programs_on_without_a_key() {
      HttpResponse<String> program = send(request("GET", "/"));
      assertThat(program.statusCode()).isEqualTo(200);
      assertThat(program.headers().firstValue("Content-Type")).contains("application/json");
      String browsers = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
      HttpResponse<String> person = send(request("GET", "/").header("Accept", browsers));
      assertThat(person.statusCode()).isEqualTo(200);
      assertThat(person.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/html");
      for (String link : List.of("swagger-ui.html", "openapi.yaml")) {
        assertThat(program.body()).contains("\"" + link + "\"");
        assertThat(person.body()).contains("href=\"" + link + "\"");
        assertThat(send(request("GET", "/" + link)).statusCode()).isIn(200, 302);
      }
      assertThat(send(request("HEAD", "/")).statusCode()).isEqualTo(200);
      assertThat(send(request("GET", "/").header("Accept", "image/png")).statusCode())
          .isEqualTo(406);
      assertError(
          send(request("DELETE", "/")), 401, "Invalid or missing authentication credentials");
      assertError(ask("DELETE", "/"), 405, "This address does not support the method");
      assertThat(send(request("GET", "/nowhere")).statusCode()).isEqualTo(401);
    }

    private String requestId(String sent) {
      return send(request("GET", "/imports/").header("X-API-Key", KEY).header("X-Request-Id", sent))
          .headers()
          .firstValue("X-Request-Id")
          .orElseThrow();
    }

    @Test
    void that_is_an_error_is_a_problem_for_who_asks_for_problems() {
      HttpResponse<String> response =
          send(
              request("POST", "/imports/")
                  .header("X-API-Key", KEY)
                  .header("Content-Type", "application/json")
                  .header("Accept", "application/problem+json")
                  .method("POST", BodyPublishers.ofString("{\"status\":\"x\",\"total_rows\":-1}")));
      assertThat(response.statusCode()).isEqualTo(400);
      assertThat(response.headers().firstValue("Content-Type"))
          .contains("application/problem+json");
      JsonNode problem = json(response);
      String detail =
          "Validation error: source field is required; status must be one of pending, processing,"
              + " completed, failed; total_rows must be an integer from 0 to 9007199254740991";
      assertThat(problem.get("detail").stringValue()).isEqualTo(detail);
      assertThat(problem.get("status").intValue()).isEqualTo(400);
      assertThat(problem.get("title").stringValue()).isEqualTo("Bad Request");
      assertThat(problem.get("type").stringValue()).isEqualTo("about:blank");
      assertThat(problem.get("code").stringValue()).isEqualTo("validation");
      assertThat(problem.get("errors")).hasSize(3);
      assertThat(problem.get("errors").get(0))
          .isEqualTo(JSON.readTree("{\"field\":\"source\",\"message\":\"field is required\"}"));
      assertThat(
              json(ask("POST", "/imports/", "{\"status\":\"x\",\"total_rows\":-1}"))
                  .get("detail")
                  .stringValue())
          .isEqualTo(detail);
    }

    @Test
    void to_who_asks_for_problems_is_still_json_when_all_is_well() {
      HttpResponse<String> response =
          send(
              request("GET", "/imports/")
                  .header("X-API-Key", KEY)
                  .header("Accept", "application/problem+json"));
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
    }

    @Test
    void that_refuses_the_framework_s_errors_has_the_same_shape() {
      assertError(ask("GET", "/nowhere"), 404, "There is nothing at this address");
      HttpResponse<String> method = ask("PATCH", "/imports/");
      assertError(method, 405, "This address does not support the method");
      assertThat(method.headers().firstValue("Allow").orElseThrow())
          .contains("GET")
          .contains("POST");
      HttpResponse<String> accept =
          send(request("GET", "/imports/").header("X-API-Key", KEY).header("Accept", "text/html"));
      assertError(accept, 406, "The service answers in application/json only");
    }

    @Test
    void that_is_not_acceptable_is_refused_before_anything_is_stored() {
      long before = events();
      HttpResponse<String> response =
          send(
              request("POST", "/imports/")
                  .header("X-API-Key", KEY)
                  .header("Content-Type", "application/json")
                  .header("Accept", "text/html")
                  .method("POST", BodyPublishers.ofString("{\"source\":\"s\"}")));
      assertThat(response.statusCode()).isEqualTo(406);
      assertThat(events()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "GARBAGE\r\n\r\n",
          "GET /imports/%zz HTTP/1.1\r\nHost: x\r\n\r\n",
          "GET /imports/%00 HTTP/1.1\r\nHost: x\r\n\r\n",
          "GET /imports;a=b HTTP/1.1\r\nHost: x\r\n\r\n",
          "GET //imports HTTP/1.1\r\nHost: x\r\n\r\n",
          "GET /imports HTTP/1.1\r\n\r\n",
          "GET /imports HTTP/1.1\r\nHost: x\r\nBad Header: x\r\n\r\n"
        })
    void to_what_the_container_refuses_has_the_same_shape(String request) throws IOException {
      String response = raw(request);
      assertThat(response).startsWith("HTTP/1.1 400");
      assertThat(response).containsIgnoringCase("Content-Type: application/json");
      assertThat(response).containsIgnoringCase("X-Request-Id: ");
      assertThat(response).endsWith("{\"detail\":\"The request is malformed\"}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"FOO", "PROPFIND", "get", "PATCH", "TRACE", "VERSION-CONTROL"})
    void to_a_method_that_is_not_served_names_those_that_are(String method) throws IOException {
      String response =
          raw(method + " /imports/ HTTP/1.1\r\nHost: x\r\nX-API-Key: %s\r\n\r\n".formatted(KEY));
      assertThat(response).startsWith("HTTP/1.1 405").containsPattern("(?i)Allow: .*GET");
      assertThat(response).endsWith("{\"detail\":\"This address does not support the method\"}");
    }

    @ParameterizedTest
    @CsvSource({
      "PUT,/imports/summary,GET HEAD",
      "DELETE,/imports/changes/,GET HEAD",
      "PATCH,/imports/summary/,GET HEAD",
      "POST,/imports/changes,GET HEAD",
      "DELETE,/imports/,GET HEAD POST",
      "POST,/events,GET HEAD"
    })
    void to_a_method_that_an_address_does_not_have_names_its_own(
        String method, String path, String methods) {
      HttpResponse<String> response = ask(method, path, "{}");
      assertError(response, 405, "This address does not support the method");
      assertThat(response.headers().firstValue("Allow").orElseThrow().split(", "))
          .containsExactlyInAnyOrder(methods.split(" "));
    }

    @Test
    void to_an_unknown_method_depends_on_who_asks_and_where() throws IOException {
      assertThat(raw("FOO /imports/ HTTP/1.1\r\nHost: x\r\n\r\n")).startsWith("HTTP/1.1 401");
      String nowhere = "FOO /nowhere HTTP/1.1\r\nHost: x\r\nX-API-Key: %s\r\n\r\n".formatted(KEY);
      assertThat(raw(nowhere)).startsWith("HTTP/1.1 404");
      String connect = "CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n";
      assertThat(raw(connect)).startsWith("HTTP/1.1 501").contains("{\"detail\":");
      assertThat(raw("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n")).startsWith("HTTP/1.1 200");
    }

    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        value = {
          "application/json;profile=x|200|application/json",
          "application/*|200|application/json",
          "text/html, */*;q=0.1|200|application/json",
          "application/json;q=0|406|application/json",
          "application/json;q=0, */*|406|application/json",
          "application/json;q=0, application/problem+json|406|application/problem+json",
          "text/html|406|application/json",
          "text/html, application/problem+json;q=0|406|application/json",
          "nonsense|406|application/json",
          "application/json;q=5|406|application/json",
          "a/b;q=\"|406|application/json"
        })
    void is_what_the_client_accepts(String accept, int status, String type) {
      HttpResponse<String> response = accepting("/imports/?limit=1", KEY, accept);
      assertThat(response.statusCode()).isEqualTo(status);
      assertThat(response.headers().firstValue("Content-Type")).contains(type);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a/b", "application/*", "application/problem+json;a=1"})
    void is_no_fault_of_the_server_s_however_many_types_are_accepted(String range) {
      String many = String.join(",", Collections.nCopies(60, range));
      assertError(
          accepting("/imports/", KEY, many), 406, "The service answers in application/json only");
      assertError(
          accepting("/imports/", "unknown", many),
          401,
          "Invalid or missing authentication credentials");
      assertThat(accepting("/actuator/health", KEY, many).statusCode()).isEqualTo(406);
    }

    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        value = {
          "application/json, text/event-stream;q=0.9|application/json",
          "text/event-stream;q=0.5, application/json|application/json",
          "text/event-stream;q=0, */*|application/json",
          "*/*|application/json"
        })
    void to_the_feed_is_a_stream_only_if_the_client_likes_it_best(String accept, String type) {
      HttpResponse<String> response =
          accepting("/events?limit=1", RunningService.AUDITOR_KEY, accept);
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.headers().firstValue("Content-Type")).contains(type);
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "text/event-stream",
          "text/event-stream, application/json;q=0.5",
          "application/json;q=0, */*"
        })
    void to_the_feed_is_a_stream_for_a_client_that_likes_it_best(String accept) {
      HttpResponse<Stream<String>> response =
          send(
              request("GET", "/events")
                  .header("X-API-Key", RunningService.AUDITOR_KEY)
                  .header("Accept", accept),
              BodyHandlers.ofLines());
      response.body().close();
      assertThat(response.headers().firstValue("Content-Type").orElse(""))
          .startsWith("text/event-stream");
    }

    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        value = {
          "application/problem+json;q=0.5, application/json|application/json",
          "application/json;q=0.5, application/problem+json|application/problem+json"
        })
    void that_is_an_error_has_the_shape_that_the_client_likes_best(String accept, String type) {
      assertThat(accepting("/imports/x", KEY, accept).headers().firstValue("Content-Type"))
          .contains(type);
    }

    private HttpResponse<String> accepting(String path, String key, String accept) {
      return send(request("GET", path).header("X-API-Key", key).header("Accept", accept));
    }

    @Test
    void behind_a_prefix_of_a_trusted_proxy_leads_back_there() {
      HttpResponse<String> created =
          send(
              behindPrefix("POST", "/imports/")
                  .header("Content-Type", "application/json")
                  .method("POST", BodyPublishers.ofString("{\"source\":\"s\"}")));
      String id = json(created).get("id").stringValue();
      assertThat(created.headers().firstValue("Location")).contains("/crm/imports/" + id);
      newImport(Map.of("source", "s"));
      assertThat(send(behindPrefix("GET", "/imports/?limit=1")).headers().firstValue("Link"))
          .hasValueSatisfying(link -> assertThat(link).startsWith("<?limit=1&"));
      assertThat(send(behindPrefix("GET", "/swagger-ui.html")).headers().firstValue("Location"))
          .hasValueSatisfying(page -> assertThat(page).endsWith("/crm/swagger-ui/index.html"));
      JsonNode page = json(send(behindPrefix("GET", "/v3/api-docs/swagger-config")));
      assertThat(page.get("url").stringValue()).endsWith("/crm/v3/api-docs");
      JsonNode document = json(send(behindPrefix("GET", "/v3/api-docs")));
      String server = document.at("/servers/0/url").stringValue();
      assertThat(java.net.URI.create("http://proxy/crm/v3/api-docs").resolve(server))
          .hasToString("http://proxy/crm/");
    }

    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        quoteCharacter = '`',
        value = {
          "X-Forwarded-Prefix|crm",
          "X-Forwarded-Prefix|/%zz",
          "X-Forwarded-Prefix|/a b",
          "X-Forwarded-Host|[",
          "X-Forwarded-Host|%zz",
          "X-Forwarded-Proto|9",
          "X-Forwarded-Port|x",
          "Forwarded|host=[;proto=\""
        })
    void behind_a_proxy_that_speaks_nonsense_is_400_with_its_body(String header, String value) {
      HttpResponse<String> response = send(request("GET", "/imports/").header(header, value));
      assertError(response, 400, "The request is malformed");
    }

    private HttpRequest.Builder behindPrefix(String method, String path) {
      return request(method, path)
          .header("X-API-Key", KEY)
          .header("X-Forwarded-Prefix", "/crm")
          .header("X-Forwarded-Host", "proxy")
          .header("X-Forwarded-Proto", "https");
    }

    @Test
    void never_tells_a_class_a_statement_or_a_host() {
      for (HttpResponse<String> response :
          List.of(
              ask("POST", "/imports/", "{"),
              ask("GET", "/imports/x"),
              ask("GET", "/imports?cursor=%00"),
              ask("GET", "/actuator/env"))) {
        assertThat(response.body()).doesNotContain("Exception", "org.", "java", "select ");
      }
    }
  }

  @Nested
  class A_caller {
    @Test
    void without_credentials_gets_401_on_every_route_but_the_public_ones() {
      for (String path :
          List.of(
              "/imports",
              "/imports/" + UNKNOWN,
              "/nowhere",
              "/admin/x",
              "/events",
              "/actuator",
              "/actuator/prometheus")) {
        HttpResponse<String> response = send(request("GET", path));
        assertError(response, 401, "Invalid or missing authentication credentials");
        assertThat(response.headers().firstValue("WWW-Authenticate")).contains("Bearer");
      }
      for (String path :
          List.of(
              "/actuator/health",
              "/actuator/health/liveness",
              "/actuator/health/readiness",
              "/v3/api-docs",
              "/swagger-ui/index.html")) {
        assertThat(send(request("GET", path)).statusCode()).as(path).isEqualTo(200);
      }
    }

    @Test
    void without_credentials_is_refused_before_the_body_is_looked_at() {
      HttpRequest.Builder bad =
          request("POST", "/imports/")
              .header("Content-Type", "text/plain")
              .method("POST", BodyPublishers.ofString("{"));
      assertThat(send(bad).statusCode()).isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(strings = {"unknown", "sk_live_1234567890abcdeF", "a b"})
    void with_an_invalid_key_gets_401(String key) {
      assertThat(send(request("GET", "/imports/").header("X-API-Key", key)).statusCode())
          .isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer x", "Bearer ", "Basic Zm9vOmJhcg==", "x"})
    void with_an_invalid_token_gets_401(String authorization) {
      assertThat(
              send(request("GET", "/imports/").header("Authorization", authorization)).statusCode())
          .isEqualTo(401);
    }

    @Test
    void with_a_credential_that_is_sent_twice_gets_401() throws IOException {
      String bearer = "Authorization: Bearer " + RunningService.demoToken();
      String key = "X-API-Key: " + KEY;
      for (String credentials :
          List.of(
              key + "\r\n" + key,
              key + "\r\nx-api-key: wrong",
              "X-API-Key: wrong\r\n" + key,
              key + "," + KEY,
              key + ", " + KEY,
              bearer + "\r\n" + bearer,
              bearer + ", Bearer x",
              key + "\r\n" + bearer + "\r\n" + key)) {
        assertThat(raw("GET /imports/x HTTP/1.1\r\nHost: x\r\n" + credentials + "\r\n\r\n"))
            .as(credentials)
            .startsWith("HTTP/1.1 401");
      }
    }

    @Test
    void with_a_known_key_is_served_while_others_guess_thousands() throws Exception {
      String known = RunningService.newKey("imports:read");
      assertThat(asKey(known, "GET", "/imports/?limit=1").statusCode()).isEqualTo(200);
      try (var guessers = Executors.newVirtualThreadPerTaskExecutor()) {
        var guesses = new ArrayList<Future<Integer>>();
        for (int guesser = 0; guesser < 16; guesser++) {
          guesses.add(
              guessers.submit(
                  () -> {
                    int letIn = 0;
                    for (int i = 0; i < 125; i++) {
                      if (asKey(KeyToken.create("test").secretText(), "GET", "/imports/")
                              .statusCode()
                          != 401) letIn++;
                    }
                    return letIn;
                  }));
        }
        for (int i = 0; i < 200; i++) {
          assertThat(asKey(known, "GET", "/imports/?limit=1").statusCode()).isEqualTo(200);
        }
        for (Future<Integer> guess : guesses) assertThat(guess.get()).isZero();
      }
    }

    @Test
    void with_a_token_acts_for_the_token_s_organization() {
      String id = newImport(Map.of("source", "s"));
      HttpResponse<String> response =
          send(
              request("GET", "/imports/" + id)
                  .header("Authorization", "Bearer " + RunningService.demoToken()));
      assertThat(response.statusCode()).isEqualTo(200);
    }

    @Test
    void with_both_needs_both_valid_and_of_one_organization() {
      assertThat(both(KEY, RunningService.demoToken())).isEqualTo(200);
      assertThat(both("wrong", RunningService.demoToken())).isEqualTo(401);
      assertThat(both(KEY, "wrong")).isEqualTo(401);
      assertThat(both(OTHER_KEY, RunningService.demoToken())).isEqualTo(401);
    }

    private int both(String key, String token) {
      return send(request("GET", "/imports/")
              .header("X-API-Key", key)
              .header("Authorization", "Bearer " + token))
          .statusCode();
    }

    @Test
    void with_a_key_of_the_database_is_let_in_until_it_is_revoked_elsewhere() {
      String key = RunningService.newKey("imports:read");
      assertThat(asKey(key, "GET", "/imports/").statusCode()).isEqualTo(200);
      assertThat(asKey(key, "POST", "/imports/").statusCode()).isEqualTo(403);
      assertThat(asKey(key, "GET", "/admin/anything").statusCode()).isEqualTo(403);
      RunningService.owner()
          .update(
              "update api_key set revoked_at = now() where id = ?",
              KeyToken.parse(key).orElseThrow().id());
      await()
          .atMost(Duration.ofSeconds(5))
          .until(() -> asKey(key, "GET", "/imports/").statusCode() == 401);
    }

    @Test
    void without_the_scope_of_a_route_gets_403() {
      assertError(asKey(WRITER_KEY, "GET", "/imports/"), 403, "This needs the scope imports:read");
      assertError(
          asKey(WRITER_KEY, "GET", "/imports/" + UNKNOWN),
          403,
          "This needs the scope imports:read");
      assertError(
          asKey(WRITER_KEY, "GET", "/imports/summary"), 403, "This needs the scope imports:read");
      for (String method : List.of("POST", "PUT", "DELETE")) {
        assertError(
            asKey(READER_KEY, method, "/imports/" + UNKNOWN),
            403,
            "This needs the scope imports:write");
      }
      assertError(
          asKey(KEY, "GET", "/imports/" + UNKNOWN + "/events"),
          403,
          "This needs the scope imports:audit");
      assertError(asKey(KEY, "GET", "/events"), 403, "This needs the scope imports:audit");
      assertError(asKey(KEY, "GET", "/publication"), 403, "This needs the scope imports:audit");
      for (String path : List.of("projections", "publication", "verifications")) {
        assertError(
            asKey(ADMIN_KEY, "GET", "/admin/" + path), 403, "This needs the scope operator");
      }
      assertError(
          asKey(ADMIN_KEY, "POST", "/admin/checkpoints/check"),
          403,
          "This needs the scope operator");
    }

    @Test
    void is_told_what_its_credential_is_and_allows() {
      assertThat(asKey(ADMIN_KEY, "GET", "/caller").body())
          .isEqualTo(
              "{\"org_id\":\"%s\",\"actor\":\"key 7\",\"actor_kind\":\"key\",\"key_id\":null,\"scopes\":[\"imports:read\",\"imports:audit\",\"admin\"]}"
                  .formatted(DemoAccess.ORGANIZATION));
      JsonNode own = json(asKey(RunningService.newKey("imports:write"), "GET", "/caller/"));
      assertThat(own.get("actor").stringValue()).isEqualTo("a key");
      assertThat(own.get("key_id").stringValue()).hasSize(12);
      assertThat(own.get("scopes").toString()).isEqualTo("[\"imports:write\"]");
      HttpResponse<String> both =
          send(
              request("GET", "/caller")
                  .header("X-API-Key", READER_KEY)
                  .header("Authorization", "Bearer " + RunningService.demoToken()));
      assertThat(json(both).get("actor_kind").stringValue()).isEqualTo("token");
      assertThat(json(both).get("scopes").toString()).isEqualTo("[\"imports:read\"]");
      assertThat(both.body()).doesNotContain(READER_KEY, RunningService.demoToken());
      assertThat(both.headers().firstValue("Cache-Control")).contains("no-store");
      assertThat(send(request("GET", "/caller")).statusCode()).isEqualTo(401);
    }

    @Test
    void sees_an_import_of_another_organization_as_one_that_does_not_exist() {
      String id = newImport(Map.of("source", "s"));
      for (String method : List.of("GET", "DELETE")) {
        assertThat(asKey(OTHER_KEY, method, "/imports/" + id).body())
            .isEqualTo(asKey(OTHER_KEY, method, "/imports/" + UNKNOWN).body())
            .isEqualTo("{\"detail\":\"Import not found\"}");
      }
      HttpResponse<String> put =
          send(
              request("PUT", "/imports/" + id)
                  .header("X-API-Key", OTHER_KEY)
                  .header("Content-Type", "application/json")
                  .method("PUT", BodyPublishers.ofString("{\"total_rows\":1}")));
      assertError(put, 404, "Import not found");
      assertThat(json(asKey(OTHER_KEY, "GET", "/imports/"))).isEmpty();
      assertThat(ask("GET", "/imports/" + id).statusCode()).isEqualTo(200);
    }

    @Test
    void cannot_choose_the_organization_or_the_id_in_the_body() {
      HttpResponse<String> response =
          ask(
              "POST",
              "/imports/",
              "{\"source\":\"s\",\"id\":\"%s\",\"org_id\":\"%s\"}".formatted(UNKNOWN, UNKNOWN));
      assertThat(response.statusCode()).isEqualTo(201);
      assertThat(json(response).get("org_id").stringValue()).isEqualTo(DemoAccess.ORGANIZATION);
      assertThat(json(response).get("id").stringValue()).isNotEqualTo(UNKNOWN);
    }
  }

  @Nested
  class A_body {
    @ParameterizedTest
    @ValueSource(
        strings = {
          "",
          "{",
          "nonsense",
          "{\"source\":\"s\"} x",
          "{\"source\":\"s\",\"source\":\"t\"}",
          "{'source':'s'}",
          "{\"source\":NaN}",
          "{\"source\":\"s\",}",
          "// c\n{\"source\":\"s\"}"
        })
    void that_is_not_json_is_a_400(String body) {
      HttpResponse<String> response = ask("POST", "/imports/", body);
      assertThat(response.statusCode()).isEqualTo(400);
      assertThat(json(response).get("detail").isString()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "null", "1", "\"source\"", "true"})
    void that_is_no_object_is_a_400(String body) {
      assertError(ask("POST", "/imports/", body), 400, "The body must be a JSON object");
    }

    @Test
    void that_is_no_utf_8_is_a_400() {
      byte[] body = "{\"source\":\"\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1);
      HttpResponse<String> response =
          send(
              request("POST", "/imports/")
                  .header("X-API-Key", KEY)
                  .header("Content-Type", "application/json")
                  .method("POST", BodyPublishers.ofByteArray(body)));
      assertError(response, 400, "The body is not valid UTF-8");
    }

    @Test
    void over_64_kib_is_a_413() {
      String largest = "{\"source\":\"s\",\"x\":\"" + "x".repeat(64 * 1024 - 21) + "\"}";
      assertThat(largest).hasSize(64 * 1024);
      assertThat(ask("POST", "/imports/", largest).statusCode()).isEqualTo(201);
      assertError(ask("POST", "/imports/", largest + " "), 413, "The body is larger than 64 KiB");
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "text/plain",
          "application/xml",
          "application/x-www-form-urlencoded",
          "nonsense"
        })
    void of_another_media_type_is_a_415(String type) {
      HttpResponse<String> response =
          send(
              request("POST", "/imports/")
                  .header("X-API-Key", KEY)
                  .header("Content-Type", type)
                  .method("POST", BodyPublishers.ofString("{\"source\":\"s\"}")));
      assertError(response, 415, "The body must be sent as application/json");
    }

    @Test
    void with_a_content_encoding_is_a_415_that_says_what_is_read() {
      for (String path : List.of("/imports/", "/admin/replays")) {
        HttpResponse<String> response =
            send(posted(path, "{\"source\":\"s\"}").header("Content-Encoding", "gzip"));
        assertError(response, 415, "The body must be sent without a content encoding");
        assertThat(response.headers().firstValue("Accept-Encoding")).contains("identity");
      }
      assertThat(
              send(posted("/imports/", "{\"source\":\"s\"}").header("Content-Encoding", "identity"))
                  .statusCode())
          .isEqualTo(201);
    }

    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        value = {
          "{|400|The body is not valid JSON",
          "{} x|400|The body is not valid JSON",
          "{\"target\":\"imports.replay.a\",\"target\":\"imports.replay.b\"}|400|The body is not"
              + " valid JSON",
          "[]|400|The body must be a JSON object",
          "{\"target\":\"x\"}|400|Validation error: target must be imports.replay.<name>, no other"
              + " topic",
          "{\"target\":\"imports.replay.a\",\"from_position\":1e99999999999}|400|Validation error:"
              + " from_position must be a positive integer"
        })
    void of_the_admin_routes_follows_the_same_rules(String body, int status, String detail) {
      assertError(send(posted("/admin/replays", body)), status, detail);
    }

    @Test
    void of_the_admin_routes_has_the_same_limits() {
      String large = "{\"target\":\"" + "x".repeat(64 * 1024) + "\"}";
      assertError(send(posted("/admin/replays", large)), 413, "The body is larger than 64 KiB");
      byte[] latin = "{\"target\":\"\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1);
      assertError(
          send(posted("/admin/replays", "").method("POST", BodyPublishers.ofByteArray(latin))),
          400,
          "The body is not valid UTF-8");
      assertThat(
              send(posted("/admin/replays", "{}").setHeader("Content-Type", "text/plain"))
                  .statusCode())
          .isEqualTo(415);
    }

    private HttpRequest.Builder posted(String path, String body) {
      return request("POST", path)
          .header("X-API-Key", path.startsWith("/admin") ? OPERATOR_KEY : KEY)
          .header("Content-Type", "application/json")
          .method("POST", BodyPublishers.ofString(body));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e99999999999", "-1e-99999999999", "1e400", "0.1"})
    void may_have_any_number_in_a_field_that_is_unknown(String number) {
      String many = "9".repeat(60_000);
      for (String value : List.of(number, many, "0." + many)) {
        assertThat(ask("POST", "/imports/", "{\"source\":\"x\",\"zz\":" + value + "}").statusCode())
            .isEqualTo(201);
      }
    }

    @Test
    void may_have_fields_that_are_unknown() {
      assertThat(ask("POST", "/imports/", "{\"source\":\"s\",\"color\":{\"a\":[1]}}").statusCode())
          .isEqualTo(201);
    }
  }

  @Nested
  class A_field {
    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        value = {
          "{}|source field is required",
          "{\"source\":null}|source must be a string",
          "{\"source\":5}|source must be a string",
          "{\"source\":\"  \"}|source must not be blank",
          "{\"source\":\"a\\u0000b\"}|source must not contain NUL or unpaired surrogates",
          "{\"source\":\"a\\ud800b\"}|source must not contain NUL or unpaired surrogates",
          "{\"source\":\"s\",\"file_name\":5}|file_name must be a string or null",
          "{\"source\":\"s\",\"file_name\":\"\\u0000\"}|file_name must not contain NUL or unpaired"
              + " surrogates",
          "{\"source\":\"s\",\"campaign_id\":\"1-1-1-1-1\"}|campaign_id must be a UUID or null",
          "{\"source\":\"s\",\"campaign_id\":5}|campaign_id must be a UUID or null",
          "{\"source\":\"s\",\"campaign_id\":\"\"}|campaign_id must be a UUID or null",
          "{\"source\":\"s\",\"status\":\"Pending\"}|status must be one of pending, processing,"
              + " completed, failed",
          "{\"source\":\"s\",\"status\":null}|status must be one of pending, processing, completed,"
              + " failed",
          "{\"source\":\"s\",\"total_rows\":\"500\"}|total_rows must be an integer from 0 to"
              + " 9007199254740991",
          "{\"source\":\"s\",\"total_rows\":500.5}|total_rows must be an integer from 0 to"
              + " 9007199254740991",
          "{\"source\":\"s\",\"total_rows\":true}|total_rows must be an integer from 0 to"
              + " 9007199254740991",
          "{\"source\":\"s\",\"total_rows\":null}|total_rows must be an integer from 0 to"
              + " 9007199254740991",
          "{\"source\":\"s\",\"total_rows\":-1}|total_rows must be an integer from 0 to"
              + " 9007199254740991",
          "{\"source\":\"s\",\"total_rows\":9007199254740992}|total_rows must be an integer from 0"
              + " to 9007199254740991",
          "{\"source\":\"s\",\"total_rows\":1e400}|total_rows must be an integer from 0 to"
              + " 9007199254740991"
        })
    void that_is_wrong_is_named(String body, String error) {
      assertError(ask("POST", "/imports/", body), 400, "Validation error: " + error);
    }

    @Test
    void that_is_too_long_is_named_by_its_limit() {
      assertThat(ask("POST", "/imports/", body("x".repeat(255), "f".repeat(1024))).statusCode())
          .isEqualTo(201);
      assertError(
          ask("POST", "/imports/", body("x".repeat(256), "f".repeat(1025))),
          400,
          "Validation error: source must have at most 255 characters when normalized; file_name"
              + " must have at most 1024 characters");
      assertError(
          ask("POST", "/imports/", body(" ".repeat(1024) + "x", "f")),
          400,
          "Validation error: source must have at most 1024 characters");
    }

    private String body(String source, String fileName) {
      return JSON.writeValueAsString(Map.of("source", source, "file_name", fileName));
    }

    @Test
    void among_several_wrong_ones_is_named_in_the_order_of_the_table() {
      String detail =
          json(ask(
                  "POST",
                  "/imports/",
                  "{\"total_rows\":-1,\"status\":1,\"campaign_id\":1,\"file_name\":1,\"source\":1}"))
              .get("detail")
              .stringValue();
      Matcher names =
          Pattern.compile("(source|file_name|campaign_id|status|total_rows) must").matcher(detail);
      assertThat(names.results().map(match -> match.group(1)))
          .containsExactly("source", "file_name", "campaign_id", "status", "total_rows");
    }

    @Test
    void source_is_normalized_on_post_and_put_alike() {
      HttpResponse<String> created = ask("POST", "/imports/", "{\"source\":\"  CSV - Upload \"}");
      assertThat(json(created).get("source").stringValue()).isEqualTo("csv_upload");
      String id = json(created).get("id").stringValue();
      assertThat(
              json(ask("PUT", "/imports/" + id, "{\"source\":\"Web  Hook\"}"))
                  .get("source")
                  .stringValue())
          .isEqualTo("web_hook");
    }

    @ParameterizedTest
    @ValueSource(
        strings = {"1e400", "1e99999999999", "5e2", "1.0", "0.0", "1e-1", "-1", "-0.0", "9e15"})
    void total_rows_takes_no_number_that_is_no_integer_as_written(String number) {
      for (String value : List.of(number, "9".repeat(10_000))) {
        assertError(
            ask("POST", "/imports/", "{\"source\":\"s\",\"total_rows\":" + value + "}"),
            400,
            "Validation error: total_rows must be an integer from 0 to 9007199254740991");
      }
    }

    @Test
    void total_rows_takes_minus_zero() {
      HttpResponse<String> created =
          ask("POST", "/imports/", "{\"source\":\"s\",\"total_rows\":-0}");
      assertThat(json(created).get("total_rows").longValue()).isZero();
    }

    @Test
    void total_rows_takes_the_largest_number_that_every_client_can_hold() {
      HttpResponse<String> created =
          ask("POST", "/imports/", "{\"source\":\"s\",\"total_rows\":9007199254740991}");
      assertThat(json(created).get("total_rows").longValue()).isEqualTo(9007199254740991L);
    }

    @Test
    void campaign_id_takes_any_version_and_is_shown_in_lower_case() {
      HttpResponse<String> created =
          ask(
              "POST",
              "/imports/",
              "{\"source\":\"s\",\"campaign_id\":\"FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF\"}");
      assertThat(json(created).get("campaign_id").stringValue())
          .isEqualTo("ffffffff-ffff-ffff-ffff-ffffffffffff");
    }
  }

  @Nested
  class An_address {
    @ParameterizedTest
    @ValueSource(strings = {"x", "1-1-1-1-1", "7c9e6679742540de944be07fc1f90ae7"})
    void whose_id_is_no_uuid_is_a_400(String id) {
      for (String method : List.of("GET", "DELETE")) {
        assertError(ask(method, "/imports/" + id), 400, "Validation error: id must be a UUID");
      }
      assertThat(ask("PUT", "/imports/" + id, "{}").statusCode()).isEqualTo(400);
    }

    @Test
    void that_names_nothing_is_a_404() {
      assertError(ask("GET", "/imports/" + UNKNOWN), 404, "Import not found");
      assertError(ask("PUT", "/imports/" + UNKNOWN, "{}"), 404, "Import not found");
      assertError(ask("DELETE", "/imports/" + UNKNOWN), 404, "Import not found");
    }
  }

  @Nested
  class Put {
    @Test
    void changes_only_what_is_sent() {
      String id = newImport(Map.of("source", "s", "file_name", "a.csv", "total_rows", 5));
      JsonNode after = json(ask("PUT", "/imports/" + id, "{\"status\":\"failed\"}"));
      assertThat(after.get("status").stringValue()).isEqualTo("failed");
      assertThat(after.get("file_name").stringValue()).isEqualTo("a.csv");
      assertThat(after.get("total_rows").longValue()).isEqualTo(5);
    }

    @Test
    void with_null_unlinks_the_campaign_and_clears_the_file_name() {
      String id = newImport(Map.of("source", "s", "file_name", "a.csv", "campaign_id", CAMPAIGN));
      JsonNode after =
          json(ask("PUT", "/imports/" + id, "{\"campaign_id\":null,\"file_name\":null}"));
      assertThat(after.get("campaign_id").isNull()).isTrue();
      assertThat(after.get("file_name").isNull()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"source", "status", "total_rows"})
    void with_null_for_a_field_that_cannot_be_empty_is_a_400(String field) {
      String id = newImport(Map.of("source", "s"));
      HttpResponse<String> response = ask("PUT", "/imports/" + id, "{\"" + field + "\":null}");
      assertThat(response.statusCode()).isEqualTo(400);
      assertThat(json(response).get("detail").stringValue())
          .startsWith("Validation error: " + field + " must be ");
    }

    @Test
    void that_changes_nothing_records_nothing_and_leaves_the_time_alone() {
      String id = newImport(Map.of("source", "s", "total_rows", 5));
      String before = ask("GET", "/imports/" + id).body();
      long events = events(id);
      assertThat(ask("PUT", "/imports/" + id, "{}").body()).isEqualTo(before);
      assertThat(
              ask(
                      "PUT",
                      "/imports/" + id,
                      "{\"source\":\" S \",\"total_rows\":5,\"campaign_id\":null}")
                  .body())
          .isEqualTo(before);
      assertThat(events(id)).isEqualTo(events);
    }

    @Test
    void records_all_its_changes_together_with_who_made_them() {
      String id = newImport(Map.of("source", "s"));
      ask(
          "PUT",
          "/imports/" + id,
          "{\"status\":\"completed\",\"total_rows\":7,\"campaign_id\":\"" + CAMPAIGN + "\"}");
      var jdbc = RunningService.bean(JdbcTemplate.class);
      assertThat(
              jdbc.queryForList(
                  "select event_type from domain_event where aggregate_id = ?::uuid order by"
                      + " sequence_number",
                  String.class,
                  id))
          .containsExactly(
              "ImportCreated",
              "ImportDetailsChanged",
              "ImportCampaignLinked",
              "ImportStatusChanged");
      assertThat(
              jdbc.queryForList(
                  "select distinct metadata ->> 'actor' from domain_event where aggregate_id ="
                      + " ?::uuid",
                  String.class,
                  id))
          .containsExactly("key 0");
    }

    @Test
    void moves_the_time_on_each_time() {
      String id = newImport(Map.of("source", "s"));
      Instant last = Instant.EPOCH;
      for (int i = 1; i <= 50; i++) {
        JsonNode after = json(ask("PUT", "/imports/" + id, "{\"total_rows\":" + i + "}"));
        Instant updated = Instant.parse(after.get("updated_at").stringValue());
        assertThat(updated).isAfter(last);
        last = updated;
      }
    }
  }

  @Nested
  class Delete {
    @Test
    void answers_in_the_documented_words_and_then_404() {
      String id = newImport(Map.of("source", "s"));
      HttpResponse<String> response = ask("DELETE", "/imports/" + id);
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.body()).isEqualTo("{\"message\":\"Import " + id + " eliminado\"}");
      assertError(ask("DELETE", "/imports/" + id), 404, "Import not found");
      assertError(ask("GET", "/imports/" + id), 404, "Import not found");
      assertError(ask("PUT", "/imports/" + id, "{}"), 404, "Import not found");
    }
  }

  @Nested
  class A_list {
    private final String campaign = UUID.randomUUID().toString();

    @Test
    void is_newest_first() {
      List<String> created = created(5);
      assertThat(ids(ask("GET", "/imports/?campaign_id=" + campaign)))
          .isEqualTo(created.reversed());
    }

    @Test
    void is_filtered_by_status_and_campaign_together() {
      List<String> created = created(3);
      ask("PUT", "/imports/" + created.get(1), "{\"status\":\"failed\"}");
      assertThat(ids(ask("GET", "/imports/?status=failed&campaign_id=" + campaign)))
          .containsExactly(created.get(1));
      assertThat(ids(ask("GET", "/imports/?status=pending&campaign_id=" + campaign)))
          .containsExactly(created.get(2), created.get(0));
    }

    @Test
    void that_is_empty_is_an_empty_array() {
      assertThat(ask("GET", "/imports/?campaign_id=" + campaign).body()).isEqualTo("[]");
    }

    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        value = {
          "status=done|status must be one of pending, processing, completed, failed",
          "status=|status must be one of pending, processing, completed, failed",
          "campaign_id=x|campaign_id must be a UUID",
          "limit=0|limit must be an integer from 1 to 1000",
          "limit=1001|limit must be an integer from 1 to 1000",
          "limit=ten|limit must be an integer from 1 to 1000",
          "limit=1&cursor=x|cursor must come from a Link header",
          "status=failed&status=pending|status must be given at most once"
        })
    void with_a_wrong_parameter_is_a_400(String query, String error) {
      assertError(ask("GET", "/imports/?" + query), 400, "Validation error: " + error);
    }

    @Test
    void is_read_page_by_page_through_the_link_header() {
      List<String> created = created(7);
      assertThat(pages("/imports/?limit=3&campaign_id=" + campaign)).isEqualTo(created.reversed());
      assertThat(
              ask("GET", "/imports/?limit=7&campaign_id=" + campaign).headers().firstValue("Link"))
          .isEmpty();
    }

    @Test
    void of_pages_neither_skips_nor_repeats_what_was_there_throughout() {
      List<String> created = created(40);
      Set<String> seen = new LinkedHashSet<>();
      String next = "/imports/?limit=3&campaign_id=" + campaign;
      while (next != null) {
        HttpResponse<String> page = ask("GET", next);
        for (String id : ids(page)) assertThat(seen.add(id)).as("seen once: %s", id).isTrue();
        newImport(Map.of("source", "new", "campaign_id", campaign));
        next = nextPage(next, page);
      }
      assertThat(seen).containsExactlyElementsOf(created.reversed());
    }

    @Test
    void larger_than_a_chunk_is_complete_and_in_order() {
      var jdbc = RunningService.bean(JdbcTemplate.class);
      List<String> created = created(1201);
      assertThat(ids(ask("GET", "/imports/?campaign_id=" + campaign)))
          .isEqualTo(created.reversed());
      assertThat(
              jdbc.queryForObject(
                  "select count(*) from import_view where campaign_id = ?::uuid",
                  Long.class,
                  campaign))
          .isEqualTo(1201);
    }

    private List<String> created(int count) {
      return Stream.generate(() -> newImport(Map.of("source", "s", "campaign_id", campaign)))
          .limit(count)
          .toList();
    }

    private List<String> pages(String first) {
      var ids = new ArrayList<String>();
      String next = first;
      while (next != null) {
        HttpResponse<String> page = ask("GET", next);
        ids.addAll(ids(page));
        next = nextPage(next, page);
      }
      return ids;
    }

    private static @Nullable String nextPage(String current, HttpResponse<String> page) {
      return page.headers()
          .firstValue("Link")
          .map(
              link -> {
                Matcher address = Pattern.compile("<([^>]+)>; rel=\"next\"").matcher(link);
                assertThat(address.matches()).isTrue();
                return java.net.URI.create(current).resolve(address.group(1)).toString();
              })
          .orElse(null);
    }

    private static List<String> ids(HttpResponse<String> response) {
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
      var ids = new ArrayList<String>();
      json(response).forEach(item -> ids.add(item.get("id").stringValue()));
      return ids;
    }
  }

  @Nested
  class A_summary {
    @Test
    void counts_what_there_is_and_on_its_days_what_there_was() {
      String source = "summary_" + UUID.randomUUID().toString().replace("-", "");
      String filter = "/imports/summary?source=" + source;
      newImport(Map.of("source", source, "status", "completed", "total_rows", 5));
      String campaign = UUID.randomUUID().toString();
      String changed = newImport(Map.of("source", source, "total_rows", 7));
      ask(
          "PUT",
          "/imports/" + changed,
          "{\"status\":\"failed\",\"campaign_id\":\"" + campaign + "\"}");
      String deleted = newImport(Map.of("source", source, "total_rows", 9));
      assertThat(json(ask("GET", filter)).get("count").intValue()).isEqualTo(3);
      ask("DELETE", "/imports/" + deleted);

      HttpResponse<String> told = ask("GET", filter);
      JsonNode days = json(told).get("days");
      assertThat(told.body().replaceFirst(",\"days\":.*", "}"))
          .isEqualTo(
              """
              {"count":2,"total_rows":12,"by_status":{"pending":{"count":0,"total_rows":0},\
              "processing":{"count":0,"total_rows":0},"completed":{"count":1,"total_rows":5},\
              "failed":{"count":1,"total_rows":7}},\
              "by_source":[{"source":"%s","count":2,"total_rows":12}],\
              "by_campaign":[{"campaign_id":"%s","count":1,"total_rows":7},\
              {"campaign_id":null,"count":1,"total_rows":5}]}\
              """
                  .formatted(source, campaign));
      assertThat(days).hasSize(90);
      for (var expected : Map.of("created", 3, "completed", 1, "failed", 1).entrySet()) {
        assertThat(days.valueStream().mapToInt(day -> day.get(expected.getKey()).intValue()).sum())
            .isEqualTo(expected.getValue());
      }
      // The import failed after it had come into the campaign, by the same PUT.
      JsonNode ofCampaign = json(ask("GET", filter + "&campaign_id=" + campaign)).get("days");
      assertThat(ofCampaign.valueStream().mapToInt(day -> day.get("failed").intValue()).sum())
          .isOne();
      assertThat(json(asKey(OTHER_KEY, "GET", filter)).get("count").intValue()).isZero();
      assertThat(asKey(KEY, "HEAD", filter).body()).isEmpty();
    }
  }

  @Nested
  class The_document {
    @Test
    void names_every_route_of_the_service_and_no_other() {
      JsonNode document = json(send(request("GET", "/v3/api-docs")));
      assertThat(document.get("openapi").stringValue()).startsWith("3.1");
      var documented = new HashMap<String, Set<String>>();
      for (String path : document.get("paths").propertyNames()) {
        var methods = new LinkedHashSet<>(document.get("paths").get(path).propertyNames());
        methods.removeAll(Set.of("parameters", "head"));
        documented.put(path, methods);
      }
      assertThat(documented)
          .isEqualTo(
              Map.ofEntries(
                  entry("/imports/", Set.of("get", "post")),
                  entry("/imports/summary", Set.of("get")),
                  entry("/imports/changes", Set.of("get")),
                  entry("/caller", Set.of("get")),
                  entry("/publication", Set.of("get")),
                  entry("/admin/publication", Set.of("get")),
                  entry("/admin/projections", Set.of("get")),
                  entry("/admin/verifications", Set.of("get")),
                  entry("/admin/checkpoints/check", Set.of("post")),
                  entry("/imports/{import_id}", Set.of("get", "put", "patch", "delete")),
                  entry("/imports/{import_id}/events", Set.of("get")),
                  entry("/events", Set.of("get")),
                  entry("/api-keys", Set.of("get", "post")),
                  entry("/api-keys/{key_id}", Set.of("get", "delete")),
                  entry("/api-keys/{key_id}/rotate", Set.of("post")),
                  entry("/audit", Set.of("get")),
                  entry("/admin/audit", Set.of("get")),
                  entry("/admin/projections/{name}/rebuilds", Set.of("get")),
                  entry("/admin/projections/{name}/rebuild", Set.of("get", "post", "delete")),
                  entry("/admin/projections/{name}/parked", Set.of("get")),
                  entry("/admin/projections/{name}/parked/{position}", Set.of("delete")),
                  entry("/admin/projections/{name}/parked/{position}/retry", Set.of("post")),
                  entry("/admin/publication/parked", Set.of("get")),
                  entry("/admin/publication/parked/{position}", Set.of("delete")),
                  entry("/admin/publication/parked/{position}/retry", Set.of("post")),
                  entry("/admin/replays", Set.of("get", "post")),
                  entry("/admin/replays/{replay_id}", Set.of("get", "delete"))));
      documented.forEach(
          (path, methods) -> {
            String allowed =
                send(request(
                            "OPTIONS",
                            path.replaceFirst("\\{(import|replay|key)_id}", UNKNOWN)
                                .replace("{name}", "imports")
                                .replace("{position}", "1"))
                        .header("X-API-Key", keyFor(path)))
                    .headers()
                    .firstValue("Allow")
                    .orElseThrow();
            Set<String> served =
                new LinkedHashSet<>(
                    List.of(allowed.toLowerCase(java.util.Locale.ROOT).split(", ?")));
            served.removeAll(Set.of("head", "options"));
            // What is no id there is answered with 400, for methods that these do not have.
            if (path.matches("/imports/(summary|changes)"))
              served.removeAll(Set.of("put", "patch", "delete"));
            assertThat(served).isEqualTo(methods);
          });
    }

    @ParameterizedTest
    @CsvSource({"/openapi.yaml,application/yaml", "/openapi.json,application/json"})
    void is_given_to_everybody_and_only_once_to_who_keeps_it(String path, String type) {
      HttpResponse<String> given = send(request("GET", path));
      assertThat(given.statusCode()).isEqualTo(200);
      assertThat(given.headers().firstValue("Content-Type")).contains(type);
      assertThat(given.headers().firstValue("Cache-Control")).contains("no-cache, public");
      assertThat(given.body()).contains("3.1.0", "Imports API", "/imports/{import_id}");
      String version = given.headers().firstValue("ETag").orElseThrow();
      HttpResponse<String> again = send(request("GET", path).header("If-None-Match", version));
      assertThat(again.statusCode()).isEqualTo(304);
      assertThat(again.body()).isEmpty();
    }

    @Test
    void is_the_same_in_json_and_says_where_the_service_is() {
      JsonNode document = json(send(request("GET", "/openapi.json")));
      JsonNode other = json(send(request("GET", "/v3/api-docs")));
      assertThat(document.get("paths").propertyNames())
          .containsExactlyElementsOf(other.get("paths").propertyNames());
      assertThat(document.at("/info/version")).isEqualTo(other.at("/info/version"));
      String server = document.at("/servers/0/url").stringValue();
      assertThat(java.net.URI.create("http://proxy/crm/openapi.json").resolve(server))
          .hasToString("http://proxy/crm/");
    }

    @Test
    void has_every_operation_in_a_group_and_with_an_example_that_makes_no_topic() {
      JsonNode document = json(send(request("GET", "/openapi.json")));
      List<JsonNode> groups =
          document.get("tags").valueStream().map(one -> one.get("name")).toList();
      for (JsonNode path : document.get("paths")) {
        for (JsonNode operation : path) {
          if (!operation.has("operationId")) continue;
          String id = operation.get("operationId").stringValue();
          assertThat(operation.get("tags")).as(id).hasSize(1).isSubsetOf(groups);
          for (JsonNode content : operation.findValues("content")) {
            for (JsonNode type : content) {
              if (type.get("schema").path("type").asString("").equals("string")) continue;
              assertThat(type.has("example") || type.has("examples")).as(id).isTrue();
            }
          }
        }
      }
      JsonNode replays = document.at("/paths/~1admin~1replays/post/requestBody/content");
      assertThat(replays.at("/application~1json/example/dry_run").booleanValue()).isTrue();
      // The page fills in what a parameter has as its example.
      for (JsonNode parameter : document.findParents("in")) {
        assertThat(parameter.has("example") || parameter.path("schema").has("examples"))
            .as(parameter.toString())
            .isFalse();
      }
      assertThat(document.at("/components/securitySchemes/apiKey/description").stringValue())
          .contains(KEY);
    }

    private static String keyFor(String path) {
      if (path.startsWith("/admin")) return OPERATOR_KEY;
      if (path.equals("/publication")) return AUDITOR_KEY;
      return path.startsWith("/api-keys") || path.equals("/audit") ? ADMIN_KEY : KEY;
    }
  }

  private static HttpResponse<String> asKey(String key, String method, String path) {
    return send(request(method, path).header("X-API-Key", key));
  }

  private static void assertError(HttpResponse<String> response, int status, String detail) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(response.body()).isEqualTo(JSON.writeValueAsString(Map.of("detail", detail)));
    assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
    assertThat(response.headers().firstValue("X-Request-Id")).isPresent();
  }

  private static long events() {
    Long count =
        RunningService.bean(JdbcTemplate.class)
            .queryForObject("select count(*) from domain_event", Long.class);
    return count == null ? 0 : count;
  }

  private static long events(String id) {
    Long count =
        RunningService.bean(JdbcTemplate.class)
            .queryForObject(
                "select count(*) from domain_event where aggregate_id = ?::uuid", Long.class, id);
    return count == null ? 0 : count;
  }

  private static String raw(String request) throws IOException {
    try (var socket = new Socket("localhost", RunningService.port())) {
      socket.setSoTimeout(10_000);
      String closing = request.replaceFirst("\r\n\r\n$", "\r\nConnection: close\r\n\r\n");
      socket.getOutputStream().write(closing.getBytes(StandardCharsets.ISO_8859_1));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      ApiContract.assertAnswerKept(request, answer);
      return answer;
    }
  }
}
