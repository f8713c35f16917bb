package com.sdragent.imports.standalone;

import static com.sdragent.imports.standalone.RunningService.ADMIN_KEY;
import static com.sdragent.imports.standalone.RunningService.OPERATOR_KEY;
import static com.sdragent.imports.standalone.RunningService.OTHER_ADMIN_KEY;
import static com.sdragent.imports.standalone.RunningService.READER_KEY;
import static com.sdragent.imports.standalone.RunningService.json;
import static com.sdragent.imports.standalone.RunningService.request;
import static com.sdragent.imports.standalone.RunningService.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sdragent.imports.access.keys.KeyToken;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.databind.JsonNode;

/** Who did what, and who was not let in. */
@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class TrailIT {
  private static final Pattern NEXT = Pattern.compile("<([^>]+)>; rel=\"next\"");

  @Test
  void what_is_done_to_a_key_is_noted_with_actor_request_and_outcome() {
    JsonNode key =
        json(as(ADMIN_KEY, "POST", "/api-keys", "{\"name\":\"k\",\"scopes\":[\"imports:read\"]}"));
    String id = key.get("id").stringValue();
    as(ADMIN_KEY, "POST", "/api-keys/" + id + "/rotate", "{\"overlap_seconds\":0}");
    as(ADMIN_KEY, "DELETE", "/api-keys/" + id, null);
    HttpResponse<String> trail = as(ADMIN_KEY, "GET", "/audit?target=" + id, null);
    assertThat(texts(json(trail), "action"))
        .containsExactly("key.revoke", "key.rotate", "key.create");
    assertThat(texts(json(trail), "outcome")).containsOnly("done");
    assertThat(trail.body()).doesNotContain(key.get("key").stringValue());
    JsonNode created = json(trail).get(2);
    assertThat(created.propertyNames())
        .containsExactly(
            "id",
            "time",
            "org_id",
            "actor",
            "actor_kind",
            "key_id",
            "request_id",
            "action",
            "target",
            "outcome",
            "reason");
    assertThat(created.get("org_id").stringValue()).isEqualTo(DemoAccess.ORGANIZATION);
    assertThat(created.get("actor").stringValue()).isEqualTo("key 7");
    assertThat(created.get("actor_kind").stringValue()).isEqualTo("key");
    assertThat(created.get("request_id").stringValue()).isEqualTo("by TrailIT");
    assertThat(json(as(OTHER_ADMIN_KEY, "GET", "/audit?target=" + id, null))).isEmpty();
    assertThat(json(as(OPERATOR_KEY, "GET", "/admin/audit?target=" + id, null))).hasSize(3);
  }

  @Test
  void what_is_refused_is_noted_too_and_the_reason_with_it() {
    String escalation = "{\"name\":\"k\",\"scopes\":[\"operator\"]}";
    assertThat(as(ADMIN_KEY, "POST", "/api-keys", escalation).statusCode()).isEqualTo(403);
    JsonNode last = json(as(ADMIN_KEY, "GET", "/audit?action=key.create&limit=1", null)).get(0);
    assertThat(last.get("outcome").stringValue()).isEqualTo("refused");
    assertThat(last.get("reason").stringValue()).contains("operator");
  }

  @Test
  void rebuilds_and_replays_are_noted_and_listed() {
    String rebuild = "/admin/projections/summary/rebuild";
    as(OPERATOR_KEY, "DELETE", rebuild, null);
    for (int i = 0; i < 2; i++) {
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> as(OPERATOR_KEY, "POST", rebuild, null).statusCode() == 202);
    }
    HttpResponse<String> rebuilds = as(OPERATOR_KEY, "GET", rebuild + "s/?limit=1", null);
    assertThat(json(rebuilds)).hasSize(1);
    assertThat(follow(rebuilds).get(0).get("id").longValue())
        .isLessThan(json(rebuilds).get(0).get("id").longValue());
    String topic = "imports.replay." + UUID.randomUUID();
    String dry = "{\"target\":\"" + topic + "\",\"dry_run\":true}";
    String id = json(as(OPERATOR_KEY, "POST", "/admin/replays", dry)).get("id").stringValue();
    as(OPERATOR_KEY, "POST", "/admin/replays", dry);
    as(OPERATOR_KEY, "DELETE", "/admin/replays/" + id, null);
    HttpResponse<String> replays = as(OPERATOR_KEY, "GET", "/admin/replays/?limit=1", null);
    assertThat(texts(json(replays), "target")).containsExactly(topic);
    assertThat(texts(follow(replays), "id")).containsExactly(id);

    assertThat(texts(audit("target=summary"), "action"))
        .contains("rebuild.start", "rebuild.cancel");
    assertThat(texts(audit("target=" + topic), "action"))
        .containsExactly("replay.start", "replay.start");
    assertThat(texts(audit("target=" + id + "&outcome=done"), "action"))
        .containsExactly("replay.cancel");
    assertThat(texts(audit("target=" + id), "actor")).containsExactly("key 6");
    assertThat(as(ADMIN_KEY, "GET", "/admin/audit", null).statusCode()).isEqualTo(403);
    assertThat(as(READER_KEY, "GET", "/audit", null).statusCode()).isEqualTo(403);
  }

  @Test
  void what_may_have_been_done_is_not_called_undone_when_the_answer_was_lost() {
    String topic = "imports.replay.lost-answer";
    RunningService.owner()
        .execute(
            """
            create function lose_answer() returns trigger language plpgsql security definer as $$ begin
              perform pg_terminate_backend(pg_backend_pid());
              return new;
            end $$;
            create trigger lose_answer before insert on replay for each row when (new.target = '%s')
              execute function lose_answer()
            """
                .formatted(topic));
    try {
      String dry = "{\"target\":\"" + topic + "\",\"dry_run\":true}";
      HttpResponse<String> answer = as(OPERATOR_KEY, "POST", "/admin/replays", dry);
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(504);
    } finally {
      RunningService.owner().execute("drop function lose_answer cascade");
    }
    assertThat(texts(audit("target=" + topic), "outcome")).containsExactly("unknown");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/audit", "/audit/"})
  void the_trail_is_read_page_by_page_with_its_filters(String address) {
    Instant before = Instant.now();
    for (int i = 0; i < 5; i++)
      as(OTHER_ADMIN_KEY, "POST", "/api-keys", "{\"name\":\"k\",\"scopes\":[\"operator\"]}");
    String filters = "?actor=key%208&actor_kind=key&outcome=refused&after=" + before + "&limit=2";
    HttpResponse<String> page = as(OTHER_ADMIN_KEY, "GET", address + filters, null);
    var ids = new ArrayList<Long>();
    while (true) {
      json(page).forEach(entry -> ids.add(entry.get("id").longValue()));
      URI next = next(page);
      if (next == null) break;
      page = as(OTHER_ADMIN_KEY, "GET", next.getRawPath() + "?" + next.getRawQuery(), null);
    }
    assertThat(ids)
        .hasSize(5)
        .doesNotHaveDuplicates()
        .isSortedAccordingTo((a, b) -> Long.compare(b, a));
    assertThat(
            json(as(OTHER_ADMIN_KEY, "GET", "/audit?before=" + before + "&actor_kind=login", null)))
        .isEmpty();
  }

  @Test
  void the_trail_s_times_are_compared_exactly_whatever_digits_they_have() {
    as(OTHER_ADMIN_KEY, "POST", "/api-keys", "{\"name\":\"k\",\"scopes\":[\"operator\"]}");
    JsonNode last = json(as(OTHER_ADMIN_KEY, "GET", "/audit?limit=1", null)).get(0);
    Instant time = Instant.parse(last.get("time").stringValue());
    String entry = "\"id\":" + last.get("id") + ",";
    for (long nanos : new long[] {1, 400, 600, 999}) {
      String after = "/audit?after=" + time.minusNanos(nanos);
      assertThat(as(OTHER_ADMIN_KEY, "GET", after, null).body()).contains(entry);
      after = "/audit?after=" + time.plusNanos(nanos);
      assertThat(as(OTHER_ADMIN_KEY, "GET", after, null).body()).doesNotContain(entry);
      String before = "/audit?before=" + time.plusNanos(nanos);
      assertThat(as(OTHER_ADMIN_KEY, "GET", before, null).body()).contains(entry);
      before = "/audit?before=" + time.minusNanos(nanos);
      assertThat(as(OTHER_ADMIN_KEY, "GET", before, null).body()).doesNotContain(entry);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"action=x", "actor_kind=x", "outcome=x", "after=x", "limit=0", "cursor=x"})
  void a_filter_that_means_nothing_is_refused(String filter) {
    assertThat(as(ADMIN_KEY, "GET", "/audit?" + filter, null).statusCode()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "update audit_entry set actor = 'somebody else'",
        "delete from audit_entry",
        "update audit_outcome set outcome = 'done'",
        "truncate audit_outcome"
      })
  void the_service_cannot_change_what_was_noted(String statement) {
    var service = RunningService.bean(JdbcTemplate.class);
    assertThatThrownBy(() -> service.execute(statement))
        .rootCause()
        .hasMessageContaining("permission denied");
  }

  @Test
  void refused_credentials_are_counted_by_reason_and_logged_at_a_bounded_rate(
      CapturedOutput output) {
    String revoked = RunningService.newKey("imports:read");
    RunningService.owner()
        .update(
            "update api_key set revoked_at = now() where id = ?",
            KeyToken.parse(revoked).orElseThrow().id());
    Map<String, List<String>> refused =
        Map.of(
            "malformed", List.of("X-API-Key", "sk_live_unknown"),
            "unknown", List.of("X-API-Key", KeyToken.create("test").secretText()),
            "revoked", List.of("X-API-Key", revoked),
            "token", List.of("Authorization", "Bearer nonsense"),
            "missing", List.of("X-Nothing", "x"),
            "repeated", List.of("X-API-Key", "x", "X-API-Key", "x"));
    refused.forEach(
        (reason, headers) -> {
          double before = count(reason);
          for (int i = 0; i < 20; i++) {
            var request = request("GET", "/imports/").headers(headers.toArray(String[]::new));
            assertThat(send(request).statusCode()).as(reason).isEqualTo(401);
          }
          assertThat(count(reason) - before).as(reason).isEqualTo(20);
          assertThat(output.getAll().lines().filter(line -> line.contains("refused: " + reason)))
              .as(reason)
              .hasSizeLessThanOrEqualTo(3);
        });
    assertThat(output).doesNotContain(revoked, "sk_live_unknown");
  }

  private static double count(String reason) {
    return RunningService.bean(MeterRegistry.class)
        .get("imports.access.refused")
        .tag("reason", reason)
        .counter()
        .count();
  }

  @Test
  void a_token_does_not_pass_for_a_key_of_the_same_name() {
    var byToken =
        request("POST", "/imports/")
            .header("Authorization", "Bearer " + RunningService.demoToken())
            .header("Content-Type", "application/json")
            .method("POST", BodyPublishers.ofString("{\"source\":\"s\"}"));
    String id = json(send(byToken)).get("id").stringValue();
    JsonNode event =
        json(as(RunningService.AUDITOR_KEY, "GET", "/imports/" + id + "/events", null)).get(0);
    assertThat(event.get("actor").stringValue()).isEqualTo("demo");
    assertThat(event.get("actor_kind").stringValue()).isEqualTo("token");
    JsonNode fed =
        json(as(RunningService.AUDITOR_KEY, "GET", "/events?import_id=" + id, null)).get(0);
    assertThat(fed.get("actor_kind").stringValue()).isEqualTo("token");
  }

  private static JsonNode audit(String query) {
    return json(as(OPERATOR_KEY, "GET", "/admin/audit?" + query, null));
  }

  private static JsonNode follow(HttpResponse<String> page) {
    URI next = Objects.requireNonNull(next(page));
    return json(as(OPERATOR_KEY, "GET", next.getRawPath() + "?" + next.getRawQuery(), null));
  }

  private static @Nullable URI next(HttpResponse<String> page) {
    Matcher link = NEXT.matcher(page.headers().firstValue("Link").orElse(""));
    return link.find() ? page.uri().resolve(link.group(1)) : null;
  }

  private static List<String> texts(JsonNode entries, String field) {
    return entries.valueStream().map(entry -> entry.get(field).stringValue()).toList();
  }

  private static HttpResponse<String> as(
      String key, String method, String path, @Nullable String body) {
    var request =
        request(method, path).header("X-API-Key", key).header("X-Request-Id", "by TrailIT");
    if (body != null) {
      request
          .header("Content-Type", "application/json")
          .method(method, BodyPublishers.ofString(body));
    }
    return send(request);
  }
}
