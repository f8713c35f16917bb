package com.sdragent.imports.standalone;

import static com.sdragent.imports.standalone.RunningService.ADMIN_KEY;
import static com.sdragent.imports.standalone.RunningService.OTHER_ADMIN_KEY;
import static com.sdragent.imports.standalone.RunningService.json;
import static com.sdragent.imports.standalone.RunningService.request;
import static com.sdragent.imports.standalone.RunningService.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sdragent.imports.testservers.EventStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The life of an organization's keys, over HTTP. */
@Timeout(60)
class ApiKeysIT {
  /** What is promised of a key that is revoked. */
  private static final Duration REVOKED_WITHIN = Duration.ofSeconds(5);

  private final List<String> made = new ArrayList<>();

  @AfterEach
  void revoke() {
    for (String id : made) as(ADMIN_KEY, "DELETE", "/api-keys/" + id, null);
  }

  @Test
  void a_key_is_shown_once_lets_its_owner_in_and_is_listed_without_its_secret() {
    HttpResponse<String> created =
        as(ADMIN_KEY, "POST", "/api-keys", "{\"name\":\"a worker\",\"scopes\":[\"imports:read\"]}");
    assertThat(created.statusCode()).as(created.body()).isEqualTo(201);
    JsonNode key = json(created);
    made.add(id(key));
    assertThat(key.propertyNames())
        .containsExactly(
            "id",
            "org_id",
            "name",
            "scopes",
            "allowed_networks",
            "created_at",
            "expires_at",
            "last_used_at",
            "previous_expires_at",
            "key");
    String secret = key.get("key").stringValue();
    assertThat(secret).matches("imp_live_" + id(key) + "_[0-9A-Za-z]{38}");
    assertThat(created.headers().firstValue("Location")).contains("/api-keys/" + id(key));
    assertThat(created.headers().firstValue("Cache-Control").orElse("")).contains("no-store");
    assertThat(status(secret, "GET", "/imports/?limit=1")).isEqualTo(200);
    assertThat(status(secret, "GET", "/events?limit=1")).isEqualTo(403);
    assertThat(status(secret, "GET", "/api-keys")).isEqualTo(403);
    for (String path : List.of("/api-keys", "/api-keys/" + id(key))) {
      HttpResponse<String> shown = as(ADMIN_KEY, "GET", path, null);
      assertThat(shown.body()).contains(id(key), "a worker").doesNotContain(secret, "\"key\"");
    }
    assertThat(
            RunningService.owner()
                .queryForObject("select string_agg(k::text, '') from api_key k", String.class))
        .doesNotContain(secret.substring(22));
  }

  @Test
  void the_hour_of_its_last_use_is_noted_without_a_request_that_waits_for_it() {
    JsonNode key = create("\"scopes\":[\"imports:read\"]");
    assertThat(status(secret(key), "GET", "/imports/?limit=1")).isEqualTo(200);
    Instant before = Instant.now().truncatedTo(ChronoUnit.HOURS);
    await().atMost(Duration.ofSeconds(20)).until(() -> shown(key).get("last_used_at").isString());
    Instant used = Instant.parse(shown(key).get("last_used_at").stringValue());
    assertThat(used).isEqualTo(used.truncatedTo(ChronoUnit.HOURS));
    assertThat(used).isBetween(before, Instant.now());
  }

  @Test
  void a_revoked_key_ends_within_five_seconds_with_its_stream_and_its_long_poll() throws Exception {
    JsonNode key = create("\"scopes\":[\"imports:read\",\"imports:audit\"]");
    String id = RunningService.newImport(Map.of("source", "s"));
    var stream =
        send(
                request("GET", "/events")
                    .header("X-API-Key", secret(key))
                    .header("Accept", "text/event-stream"),
                BodyHandlers.ofInputStream())
            .body();
    CompletableFuture<Integer> poll =
        CompletableFuture.supplyAsync(
            () -> status(secret(key), "GET", "/imports/" + id + "?wait=15"),
            Thread::startVirtualThread);
    try (var events = new EventStream(stream)) {
      events.awaitHeartbeat();
      // As another node would do it.
      RunningService.owner().update("update api_key set revoked_at = now() where id = ?", id(key));
      CompletableFuture<Void> ended =
          CompletableFuture.runAsync(() -> readToTheEnd(stream), Thread::startVirtualThread);
      await().atMost(REVOKED_WITHIN).until(() -> ended.isDone() && poll.isDone());
      assertThat(poll.get()).isEqualTo(401);
    }
    assertThat(status(secret(key), "GET", "/imports/")).isEqualTo(401);
    assertThat(status(ADMIN_KEY, "GET", "/api-keys/" + id(key))).isEqualTo(404);
    assertThat(status(ADMIN_KEY, "DELETE", "/api-keys/" + id(key))).isEqualTo(404);
  }

  private static void readToTheEnd(InputStream stream) {
    try {
      stream.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      // It ends in any case.
    }
  }

  @Test
  void a_rotated_key_works_beside_its_successor_for_as_long_as_was_asked() {
    JsonNode key = create("\"scopes\":[\"imports:read\"]");
    JsonNode next = rotate(key, "");
    assertThat(id(next)).isEqualTo(id(key));
    assertThat(Instant.parse(next.get("previous_expires_at").stringValue()))
        .isBetween(
            Instant.now().plus(23, ChronoUnit.HOURS), Instant.now().plus(25, ChronoUnit.HOURS));
    assertThat(status(secret(key), "GET", "/imports/?limit=1")).isEqualTo(200);
    assertThat(status(secret(next), "GET", "/imports/?limit=1")).isEqualTo(200);
    JsonNode last = rotate(key, "{\"overlap_seconds\":0}");
    assertThat(last.get("previous_expires_at").isNull()).isTrue();
    assertThat(status(secret(last), "GET", "/imports/?limit=1")).isEqualTo(200);
    for (JsonNode before : List.of(key, next)) {
      await()
          .atMost(REVOKED_WITHIN)
          .until(() -> status(secret(before), "GET", "/imports/?limit=1") == 401);
    }
  }

  @Test
  void nobody_gives_a_scope_that_their_own_credential_lacks_and_nobody_operator() {
    for (String scope : List.of("imports:write", "operator")) {
      HttpResponse<String> refused =
          as(
              ADMIN_KEY,
              "POST",
              "/api-keys",
              body("\"scopes\":[\"imports:read\",\"" + scope + "\"]"));
      assertThat(refused.statusCode()).as(refused.body()).isEqualTo(403);
      assertThat(refused.body()).contains(scope);
    }
    String stronger = RunningService.newKey("imports:write");
    HttpResponse<String> refused =
        as(ADMIN_KEY, "POST", "/api-keys/" + stronger.substring(9, 21) + "/rotate", null);
    assertThat(refused.statusCode()).as(refused.body()).isEqualTo(403);
    assertThat(status(stronger, "POST", "/api-keys")).isEqualTo(403);
  }

  @Test
  void a_key_makes_none_that_outlives_it_or_works_from_elsewhere() {
    Instant end = Instant.now().plus(1, ChronoUnit.HOURS).truncatedTo(ChronoUnit.SECONDS);
    JsonNode key =
        create(
            "\"scopes\":[\"imports:read\",\"admin\"],\"allowed_networks\":[\"127.0.0.0/8\",\"::1\"],"
                + "\"expires_at\":\""
                + end
                + "\"");
    String own = secret(key);
    JsonNode child = json(as(own, "POST", "/api-keys", body("\"scopes\":[\"imports:read\"]")));
    made.add(id(child));
    assertThat(child.get("expires_at").stringValue()).isEqualTo(end.toString());
    assertThat(child.get("allowed_networks")).isEqualTo(key.get("allowed_networks"));
    for (String wider :
        List.of(
            "\"expires_at\":\"" + end.plusSeconds(1) + "\"",
            "\"allowed_networks\":[\"126.0.0.0/7\"]",
            "\"allowed_networks\":[\"127.0.0.1\",\"10.0.0.0/8\"]")) {
      HttpResponse<String> refused =
          as(own, "POST", "/api-keys", body("\"scopes\":[\"imports:read\"]," + wider));
      assertThat(refused.statusCode()).as(refused.body()).isEqualTo(403);
    }
    JsonNode free = create("\"scopes\":[\"imports:read\"]");
    assertThat(status(own, "POST", "/api-keys/" + id(free) + "/rotate")).isEqualTo(403);
    assertThat(status(ADMIN_KEY, "DELETE", "/api-keys/" + id(key))).isEqualTo(200);
    // Although it is still believed for reading.
    assertThat(as(own, "POST", "/api-keys", body("\"scopes\":[\"imports:read\"]")).statusCode())
        .isEqualTo(401);
  }

  @Test
  void a_key_that_was_rotated_changes_no_keys_any_more() {
    JsonNode key = create("\"scopes\":[\"imports:read\",\"admin\"]");
    String before = secret(key);
    String present = secret(rotate(key, ""));
    assertThat(status(before, "GET", "/imports/?limit=1")).isEqualTo(200);
    assertThat(as(before, "POST", "/api-keys", body("\"scopes\":[\"imports:read\"]")).statusCode())
        .isEqualTo(403);
    assertThat(status(before, "POST", "/api-keys/" + id(key) + "/rotate")).isEqualTo(403);
    assertThat(status(before, "DELETE", "/api-keys/" + id(key))).isEqualTo(403);
    assertThat(status(present, "GET", "/imports/?limit=1")).isEqualTo(200);
    assertThat(status(present, "DELETE", "/api-keys/" + id(key))).isEqualTo(200);
  }

  @Test
  void a_key_works_from_its_networks_only_and_a_proxy_says_where_that_is() {
    String key =
        secret(create("\"scopes\":[\"imports:read\"],\"allowed_networks\":[\"203.0.113.0/24\"]"));
    assertThat(status(key, "GET", "/imports/?limit=1")).isEqualTo(401);
    assertThat(forwarded(key, "203.0.113.9")).isEqualTo(200);
    assertThat(forwarded(key, "203.0.114.9")).isEqualTo(401);
    assertThat(forwarded(key, "nonsense")).isEqualTo(401);
  }

  private static int forwarded(String key, String address) {
    return send(request("GET", "/imports/?limit=1")
            .header("X-API-Key", key)
            .header("X-Forwarded-For", address))
        .statusCode();
  }

  @Test
  void the_keys_of_another_organization_do_not_exist() {
    JsonNode key = create("\"scopes\":[\"imports:read\"]");
    String path = "/api-keys/" + id(key);
    assertThat(as(OTHER_ADMIN_KEY, "GET", "/api-keys", null).body()).doesNotContain(id(key));
    for (String other : List.of(path, "/api-keys/UnknownIdXYZ")) {
      assertThat(status(OTHER_ADMIN_KEY, "GET", other)).isEqualTo(404);
      assertThat(status(OTHER_ADMIN_KEY, "DELETE", other)).isEqualTo(404);
      assertThat(status(OTHER_ADMIN_KEY, "POST", other + "/rotate")).isEqualTo(404);
    }
    assertThat(status(secret(key), "GET", "/imports/?limit=1")).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{} | name field is required; scopes field is required",
        "{\"name\":\"\",\"scopes\":[]} | name must be 1 to 255 printable characters; scopes must",
        "{\"name\":\"n\",\"scopes\":[\"all\"]} | scopes must be a list of at least one of",
        "{\"name\":\"n\",\"scopes\":[\"admin\"],\"allowed_networks\":[\"10.0.0.1/8\"]} | networks",
        "{\"name\":\"n\",\"scopes\":[\"admin\"],\"expires_at\":\"2001-01-01T00:00:00Z\"} | future",
        "{\"name\":\"n\",\"scopes\":[\"admin\"],\"network\":[]} | network is not known",
        "[] | must be a JSON object"
      })
  void what_cannot_be_a_key_is_told_by_field(String body, String told) {
    HttpResponse<String> refused = as(ADMIN_KEY, "POST", "/api-keys", body);
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains(told);
  }

  @Test
  void an_overlap_is_at_most_a_week() {
    JsonNode key = create("\"scopes\":[\"imports:read\"]");
    for (String overlap : List.of("604801", "-1", "\"1\"", "1.5")) {
      HttpResponse<String> refused =
          as(
              ADMIN_KEY,
              "POST",
              "/api-keys/" + id(key) + "/rotate",
              "{\"overlap_seconds\":" + overlap + "}");
      assertThat(refused.statusCode()).isEqualTo(400);
      assertThat(refused.body()).contains("must be an integer from 0 to 604800");
    }
  }

  private JsonNode create(String fields) {
    HttpResponse<String> created = as(ADMIN_KEY, "POST", "/api-keys/", body(fields));
    assertThat(created.statusCode()).as(created.body()).isEqualTo(201);
    made.add(id(json(created)));
    return json(created);
  }

  private static JsonNode rotate(JsonNode key, String body) {
    HttpResponse<String> rotated =
        as(ADMIN_KEY, "POST", "/api-keys/" + id(key) + "/rotate", body.isEmpty() ? null : body);
    assertThat(rotated.statusCode()).as(rotated.body()).isEqualTo(200);
    return json(rotated);
  }

  private static JsonNode shown(JsonNode key) {
    return json(as(ADMIN_KEY, "GET", "/api-keys/" + id(key), null));
  }

  private static String body(String fields) {
    return "{\"name\":\"a key\"," + fields + "}";
  }

  private static String id(JsonNode key) {
    return key.get("id").stringValue();
  }

  private static String secret(JsonNode key) {
    return key.get("key").stringValue();
  }

  private static int status(String key, String method, String path) {
    return as(key, method, path, null).statusCode();
  }

  private static HttpResponse<String> as(
      String key, String method, String path, @Nullable String body) {
    var request = request(method, path).header("X-API-Key", key);
    if (body != null) {
      request
          .header("Content-Type", "application/json")
          .method(method, BodyPublishers.ofString(body));
    }
    return send(request);
  }
}
