package com.sdragent.imports.standalone;

import static com.sdragent.imports.standalone.RunningService.AUDITOR_KEY;
import static com.sdragent.imports.standalone.RunningService.KEY;
import static com.sdragent.imports.standalone.RunningService.OTHER_AUDITOR_KEY;
import static com.sdragent.imports.standalone.RunningService.READER_KEY;
import static com.sdragent.imports.standalone.RunningService.ask;
import static com.sdragent.imports.standalone.RunningService.json;
import static com.sdragent.imports.standalone.RunningService.newImport;
import static com.sdragent.imports.standalone.RunningService.request;
import static com.sdragent.imports.standalone.RunningService.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sdragent.imports.testservers.EventStream;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What was: history, as-of reads, the feed and the long poll. */
@Timeout(120)
class HistoryIT {
  private static final String CAMPAIGN = "8d0f7780-8536-51ef-a948-f18ad2a01bf8";
  private static final String[] STATUSES = {"pending", "processing", "completed", "failed"};

  @Test
  void every_event_of_an_import_tells_who_changed_what_and_when() {
    HttpResponse<String> created =
        send(
            request("POST", "/imports/")
                .header("X-API-Key", KEY)
                .header("X-Request-Id", "first")
                .header("Content-Type", "application/json")
                .method("POST", BodyPublishers.ofString("{\"source\":\"CSV\",\"total_rows\":5}")));
    String id = json(created).get("id").stringValue();
    JsonNode updated =
        json(
            ask(
                "PUT",
                "/imports/" + id,
                "{\"status\":\"completed\",\"file_name\":\"a.csv\",\"campaign_id\":\""
                    + CAMPAIGN
                    + "\"}"));
    ask("DELETE", "/imports/" + id);

    JsonNode events = json(audit("/imports/" + id + "/events"));

    assertThat(types(events))
        .containsExactly(
            "ImportCreated",
            "ImportDetailsChanged",
            "ImportCampaignLinked",
            "ImportStatusChanged",
            "ImportDeleted");
    assertThat(longs(events, "sequence")).containsExactly(0L, 1L, 2L, 3L, 4L);
    assertThat(longs(events, "position")).isSorted().doesNotHaveDuplicates();
    JsonNode first = events.get(0);
    assertThat(first.propertyNames())
        .containsExactly(
            "position",
            "import_id",
            "sequence",
            "type",
            "time",
            "actor",
            "actor_kind",
            "request_id",
            "changes");
    assertThat(first.get("actor").stringValue()).isEqualTo("key 0");
    assertThat(first.get("actor_kind").stringValue()).isEqualTo("key");
    assertThat(first.get("request_id").stringValue()).isEqualTo("first");
    assertThat(first.get("time")).isEqualTo(json(created).get("created_at"));
    assertThat(first.get("changes").toString())
        .isEqualTo(
            "{\"source\":{\"from\":null,\"to\":\"csv\"},\"status\":{\"from\":null,\"to\":\"pending\"},"
                + "\"total_rows\":{\"from\":null,\"to\":5}}");
    assertThat(events.get(1).get("changes").toString())
        .isEqualTo("{\"file_name\":{\"from\":null,\"to\":\"a.csv\"}}");
    assertThat(events.get(2).get("changes").toString())
        .isEqualTo("{\"campaign_id\":{\"from\":null,\"to\":\"" + CAMPAIGN + "\"}}");
    assertThat(events.get(3).get("changes").toString())
        .isEqualTo("{\"status\":{\"from\":\"pending\",\"to\":\"completed\"}}");
    assertThat(events.get(3).get("time")).isEqualTo(updated.get("updated_at"));
    assertThat(events.get(4).get("changes").get("status").toString())
        .isEqualTo("{\"from\":\"completed\",\"to\":null}");
  }

  @Test
  void a_history_is_read_page_by_page() {
    String id = newImport(Map.of("source", "s"));
    for (int i = 1; i <= 7; i++) ask("PUT", "/imports/" + id, "{\"total_rows\":" + i + "}");
    List<JsonNode> events = pages("/imports/" + id + "/events/?limit=3");
    assertThat(events.stream().map(event -> event.get("sequence").longValue()))
        .containsExactlyElementsOf(LongStream.range(0, 8).boxed().toList());
    assertThat(events.get(4).get("changes").toString())
        .isEqualTo("{\"total_rows\":{\"from\":3,\"to\":4}}");
    assertThat(audit("/imports/" + id + "/events?limit=8").headers().firstValue("Link")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/imports/{id}/events", "/imports/{id}?as_of=2999-01-01T00:00:00Z"})
  void the_past_of_another_organization_s_import_does_not_exist(String path) {
    String address = path.replace("{id}", newImport(Map.of("source", "s")));
    assertThat(audit(address).statusCode()).isEqualTo(200);
    HttpResponse<String> other =
        send(request("GET", address).header("X-API-Key", OTHER_AUDITOR_KEY));
    assertThat(other.statusCode()).isEqualTo(404);
    assertThat(other.body()).isEqualTo("{\"detail\":\"Import not found\"}");
    HttpResponse<String> unknown = audit(path.replace("{id}", UUID.randomUUID().toString()));
    assertThat(unknown.body()).isEqualTo(other.body());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/imports/019376b2-7d1c-7e5f-9a51-3f0c5d2a9b10/events",
        "/imports/019376b2-7d1c-7e5f-9a51-3f0c5d2a9b10/events/",
        "/imports/019376b2-7d1c-7e5f-9a51-3f0c5d2a9b10?as_of=2024-10-06T12:00:00Z",
        "/imports?as_of=2024-10-06T12:00:00Z",
        "/imports/changes?from=1&to=2",
        "/imports/changes/?from=1&to=2",
        "/events",
        "/events/"
      })
  void the_past_needs_the_scope_of_auditors(String path) {
    for (String method : List.of("GET", "HEAD")) {
      assertThat(send(request(method, path)).statusCode()).isEqualTo(401);
      assertThat(send(request(method, path).header("X-API-Key", READER_KEY)).statusCode())
          .isEqualTo(403);
      assertThat(send(request(method, path).header("X-API-Key", AUDITOR_KEY)).statusCode())
          .isIn(200, 404);
    }
    assertThat(json(send(request("GET", path).header("X-API-Key", READER_KEY))).get("detail"))
        .hasToString("\"This needs the scope imports:audit\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/imports?as_of.x=1",
        "/imports/?as_of.y=1&as_of.x=1",
        "/imports/{id}?as_of.x=1",
        "/imports/{id}?AS_OF=2999-01-01T00:00:00Z"
      })
  void a_parameter_of_a_name_like_as_of_asks_for_the_present(String path) {
    String address = path.replace("{id}", newImport(Map.of("source", "s")));
    for (String method : List.of("GET", "HEAD")) {
      assertThat(send(request(method, address).header("X-API-Key", READER_KEY)).statusCode())
          .isEqualTo(200);
      assertThat(send(request(method, address).header("X-API-Key", AUDITOR_KEY)).statusCode())
          .isEqualTo(403);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "as_of",
        "as_of=",
        "as_of=2999-01-01T00:00:00Z&as_of=2999-01-01T00:00:00Z",
        "as%5Fof=x",
        "as_of=&as_of.x=1"
      })
  void as_of_asks_for_the_past_however_badly_it_is_given(String query) {
    String id = newImport(Map.of("source", "s"));
    for (String path : List.of("/imports?", "/imports/", "/imports/" + id + "?")) {
      String address = path + (path.endsWith("?") ? "" : "?") + query;
      for (String method : List.of("GET", "HEAD")) {
        assertThat(send(request(method, address).header("X-API-Key", READER_KEY)).statusCode())
            .isEqualTo(403);
        assertThat(send(request(method, address).header("X-API-Key", AUDITOR_KEY)).statusCode())
            .isEqualTo(400);
      }
    }
  }

  @Test
  void a_body_cannot_ask_for_the_past() {
    String form = "as_of=2999-01-01T00:00:00Z";
    for (String method : List.of("GET", "POST")) {
      HttpResponse<String> answer =
          send(
              request(method, "/imports/")
                  .header("X-API-Key", KEY)
                  .header("Content-Type", "application/x-www-form-urlencoded")
                  .method(method, BodyPublishers.ofString(form)));
      assertThat(answer.statusCode()).isEqualTo(method.equals("GET") ? 200 : 415);
    }
    assertThat(ask("POST", "/imports/?" + form, "{\"source\":\"s\"}").statusCode()).isEqualTo(201);
  }

  @Test
  void as_of_is_compared_exactly_whatever_digits_it_has() {
    String id = newImport(Map.of("source", "s"));
    HttpResponse<String> updated = ask("PUT", "/imports/" + id, "{\"total_rows\":7}");
    Instant time = updatedAt(updated);
    assertThat(asOf(id, time.minusNanos(1))).isNotEqualTo(updated.body());
    assertThat(asOf(id, time.plusNanos(999))).isEqualTo(updated.body());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/events?after=-1|after must be a position from 0",
        "/events?last=1001|last must be an integer from 0 to 1000",
        "/events?since=now|since must be an ISO 8601 time with an offset, such as"
            + " 2024-10-06T12:00:00Z",
        "/events?after=1&last=1|after, last, since must not be given together",
        "/events?type=Nothing|type must be the name of an event, such as ImportCreated",
        "/events?import_id=1-1-1-1-1|import_id must be a UUID",
        "/events?limit=0|limit must be an integer from 1 to 1000",
        "/imports?as_of=now|as_of must be an ISO 8601 time with an offset, such as"
            + " 2024-10-06T12:00:00Z",
        "/imports/019376b2-7d1c-7e5f-9a51-3f0c5d2a9b10?as_of=|as_of must be an ISO 8601 time with"
            + " an offset, such as 2024-10-06T12:00:00Z",
        "/imports/019376b2-7d1c-7e5f-9a51-3f0c5d2a9b10?as_of=2024-10-06T12:00:00Z&wait=1|wait"
            + " cannot go with as_of",
        "/imports/019376b2-7d1c-7e5f-9a51-3f0c5d2a9b10/events?cursor=x|cursor must come from a Link"
            + " header",
        "/imports/changes?from=1|to is required",
        "/imports/changes?from=2&to=1|from must not be after to",
        "/imports/changes?from=2024-10-06T12:00:01Z&to=2024-10-06T12:00:00Z|from must not be after"
            + " to",
        "/imports/changes?from=2024-10-06T12:00:00Z&to=1|from must be a position when to is one,"
            + " and a time when to is one",
        "/imports/changes?from=-1&to=1|from must be a position from 0 or an ISO 8601 time with an"
            + " offset, such as 2024-10-06T12:00:00Z"
      })
  void a_wrong_parameter_is_named(String path, String error) {
    HttpResponse<String> response = audit(path);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
    assertThat(json(response).get("detail").stringValue()).isEqualTo("Validation error: " + error);
  }

  @Test
  void as_of_answers_equal_the_answers_that_were_given() {
    assertAsOfAnswersAreThoseGiven(200);
  }

  @Test
  @org.junit.jupiter.api.Tag("soak")
  void as_of_answers_equal_the_answers_of_2000_random_changes() {
    assertAsOfAnswersAreThoseGiven(2_000);
  }

  private void assertAsOfAnswersAreThoseGiven(int changes) {
    String source = "asof_" + UUID.randomUUID().toString().replace("-", "");
    var random = new Random(20241006);
    Map<String, TreeMap<Instant, String>> answers = new LinkedHashMap<>();
    var lists = new TreeMap<Instant, List<String>>();
    var alive = new ArrayList<String>();
    for (int i = 0; i < changes; i++) {
      String id;
      if (alive.size() < 5 || random.nextInt(10) == 0) {
        HttpResponse<String> created =
            ask("POST", "/imports/", "{\"source\":\"" + source + "\",\"total_rows\":" + i + "}");
        id = json(created).get("id").stringValue();
        alive.add(id);
        answers.computeIfAbsent(id, _ -> new TreeMap<>()).put(updatedAt(created), created.body());
      } else if (random.nextInt(12) == 0) {
        id = alive.remove(random.nextInt(alive.size()));
        ask("DELETE", "/imports/" + id);
        JsonNode events = json(audit("/imports/" + id + "/events"));
        Instant deletedAt = Instant.parse(events.get(events.size() - 1).get("time").stringValue());
        answers.getOrDefault(id, new TreeMap<>()).put(deletedAt, "");
      } else {
        id = alive.get(random.nextInt(alive.size()));
        HttpResponse<String> updated = ask("PUT", "/imports/" + id, change(random, i));
        assertThat(updated.statusCode()).isEqualTo(200);
        answers.getOrDefault(id, new TreeMap<>()).put(updatedAt(updated), updated.body());
      }
      if (random.nextInt(changes / 20) == 0) {
        // Times of one import order its past; the node's clock is the same for all of them here.
        Instant now =
            answers.values().stream().map(TreeMap::lastKey).max(Instant::compareTo).orElseThrow();
        lists.put(now, rows(ask("GET", "/imports/?source=" + source)));
      }
    }

    answers.forEach(
        (id, told) -> {
          String before = "";
          for (Map.Entry<Instant, String> answer : told.entrySet()) {
            assertThat(asOf(id, answer.getKey().minus(1, ChronoUnit.MICROS))).isEqualTo(before);
            assertThat(asOf(id, answer.getKey())).isEqualTo(answer.getValue());
            before = answer.getValue();
          }
        });
    lists.forEach(
        (time, rows) -> {
          assertThat(rows(audit("/imports/?source=" + source + "&as_of=" + time))).isEqualTo(rows);
          assertThat(
                  pages("/imports/?limit=3&source=" + source + "&as_of=" + time).stream()
                      .map(JsonNode::toString))
              .isEqualTo(rows);
          assertThat(
                  send(request("HEAD", "/imports/?source=" + source + "&as_of=" + time)
                          .header("X-API-Key", AUDITOR_KEY))
                      .headers()
                      .firstValueAsLong("X-Total-Count"))
              .hasValue(rows.size());
        });
    assertThat(lists).isNotEmpty();
    assertDifferencesAreThoseOfTheLists(source, lists);
  }

  /** Between each two lists that were given, and page by page. */
  private static void assertDifferencesAreThoseOfTheLists(
      String source, SortedMap<Instant, List<String>> lists) {
    Instant from = lists.firstKey().minus(1, ChronoUnit.DAYS);
    List<String> before = List.of();
    for (Map.Entry<Instant, List<String>> later : lists.entrySet()) {
      String address = "/imports/changes?from=%s&to=%s".formatted(from, later.getKey());
      var told = new TreeMap<String, String>();
      for (JsonNode one : pages(address + "&limit=25")) {
        if (!one.at("/import/source").asString().equals(source)) continue;
        told.put(one.at("/import/id").asString(), one.get("change") + " " + one.get("import"));
      }
      assertThat(told).isEqualTo(differences(before, later.getValue()));
      assertThat(json(audit(address)).valueStream().map(JsonNode::toString))
          .isEqualTo(pages(address + "&limit=1000").stream().map(JsonNode::toString).toList());
      // Those after the first are compared with it.
      if (before.isEmpty()) {
        from = later.getKey();
        before = later.getValue();
      }
    }
  }

  /** What differs between two lists, by id. */
  private static Map<String, String> differences(List<String> before, List<String> after) {
    var there = new HashMap<String, String>();
    for (String row : before) there.put(id(row), row);
    var differences = new TreeMap<String, String>();
    for (String row : after) {
      String then = there.remove(id(row));
      if (then == null) differences.put(id(row), "\"added\" " + row);
      else if (!then.equals(row)) differences.put(id(row), "\"changed\" " + row);
    }
    there.forEach((id, row) -> differences.put(id, "\"gone\" " + row));
    return differences;
  }

  private static String id(String row) {
    return RunningService.JSON.readTree(row).get("id").stringValue();
  }

  @Test
  void a_difference_between_positions_names_each_field_that_changed() {
    String gone = newImport(Map.of("source", "gone"));
    String changed = newImport(Map.of("source", "changed", "total_rows", 1));
    newImport(Map.of("source", "unchanged"));
    long from = head();
    ask("PUT", "/imports/" + changed, "{\"total_rows\":2,\"status\":\"failed\"}");
    ask("DELETE", "/imports/" + gone);
    String added = newImport(Map.of("source", "added"));
    ask("DELETE", "/imports/" + newImport(Map.of("source", "neither")));
    long to = head();
    ask("PUT", "/imports/" + changed, "{\"total_rows\":3}");

    JsonNode told = json(audit("/imports/changes?from=" + from + "&to=" + to));

    assertThat(told.valueStream().map(one -> one.at("/import/id").asString()))
        .containsExactly(added, changed, gone);
    assertThat(told.valueStream().map(one -> one.get("change").asString()))
        .containsExactly("added", "changed", "gone");
    JsonNode fields = told.get(1).get("changes");
    assertThat(fields.propertyNames()).containsExactly("status", "total_rows", "updated_at");
    assertThat(fields.get("total_rows").toString()).isEqualTo("{\"from\":1,\"to\":2}");
    assertThat(told.get(0).at("/changes/source").toString())
        .isEqualTo("{\"from\":null,\"to\":\"added\"}");
    assertThat(told.get(2).at("/changes/source").toString())
        .isEqualTo("{\"from\":\"gone\",\"to\":null}");
    assertThat(json(audit("/imports/changes?from=" + to + "&to=" + to))).isEmpty();
  }

  /** The answer then, or nothing when there was none. */
  private static String asOf(String id, Instant time) {
    HttpResponse<String> response = audit("/imports/" + id + "?as_of=" + time);
    if (response.statusCode() == 404) return "";
    assertThat(response.statusCode()).isEqualTo(200);
    return response.body();
  }

  private static String change(Random random, int number) {
    var fields = new HashMap<String, @Nullable Object>();
    fields.put("total_rows", number);
    if (random.nextBoolean()) fields.put("status", STATUSES[random.nextInt(4)]);
    if (random.nextBoolean()) fields.put("campaign_id", random.nextBoolean() ? CAMPAIGN : null);
    if (random.nextBoolean()) fields.put("file_name", random.nextBoolean() ? "f" + number : null);
    return RunningService.JSON.writeValueAsString(fields);
  }

  @Test
  void the_feed_is_the_organization_s_events_in_the_order_of_their_positions() {
    long start = head();
    String id = newImport(Map.of("source", "s", "total_rows", 1));
    send(
        request("POST", "/imports/")
            .header("X-API-Key", RunningService.OTHER_KEY)
            .header("Content-Type", "application/json")
            .method("POST", BodyPublishers.ofString("{\"source\":\"s\"}")));
    ask("PUT", "/imports/" + id, "{\"total_rows\":2}");
    String other = newImport(Map.of("source", "s"));
    ask("PUT", "/imports/" + id, "{\"total_rows\":3,\"status\":\"failed\"}");

    JsonNode feed = json(audit("/events?after=" + start));
    assertThat(types(feed))
        .containsExactly(
            "ImportCreated",
            "ImportDetailsChanged",
            "ImportCreated",
            "ImportDetailsChanged",
            "ImportStatusChanged");
    assertThat(longs(feed, "position")).isSorted().doesNotHaveDuplicates();
    assertThat(feed.get(0).get("position").longValue()).isEqualTo(start + 1);
    assertThat(feed.get(1).get("position").longValue()).isEqualTo(start + 3);
    assertThat(feed.get(3).get("changes").toString())
        .isEqualTo("{\"total_rows\":{\"from\":2,\"to\":3}}");
    assertThat(pages("/events?limit=2&after=" + start))
        .isEqualTo(new ArrayList<>(feed.valueStream().toList()));
    assertThat(json(audit("/events/?import_id=" + other + "&after=" + start))).hasSize(1);
    assertThat(pages("/events?limit=1&import_id=" + id + "&type=ImportDetailsChanged"))
        .isEqualTo(List.of(feed.get(1), feed.get(3)));
    assertThat(
            json(
                send(
                    request("GET", "/events?after=" + start)
                        .header("X-API-Key", OTHER_AUDITOR_KEY))))
        .hasSize(1);
  }

  @Test
  void a_selective_list_of_the_past_is_read_in_many_bounded_looks() {
    String id = newImport(Map.of("source", "needle"));
    for (int i = 0; i < 250; i++) newImport(Map.of("source", "hay"));
    for (int i = 1; i <= 5; i++) ask("PUT", "/imports/" + id, "{\"total_rows\":" + i + "}");
    String needles = "/imports/?source=needle&as_of=2999-01-01T00:00:00Z";
    assertThat(rows(audit(needles))).hasSize(1).first().asString().contains(id);
    assertThat(pages(needles + "&limit=1")).hasSize(1);
    assertThat(
            send(request("HEAD", needles).header("X-API-Key", AUDITOR_KEY))
                .headers()
                .firstValueAsLong("X-Total-Count"))
        .hasValue(1);
  }

  @Test
  void a_filtered_stream_goes_on_from_the_head_that_it_saw() throws IOException {
    String id = newImport(Map.of("source", "s"));
    try (var stream = stream("/events?type=ImportDeleted&after=" + head(), null)) {
      ask("PUT", "/imports/" + id, "{\"total_rows\":2}");
      long head = head();
      // No event of this type: yet who comes back need not begin before what was seen.
      long seen = 0;
      for (int i = 0; i < 5 && seen < head; i++) seen = stream.awaitHeartbeat();
      assertThat(seen).isEqualTo(head);
      ask("DELETE", "/imports/" + id);
      assertThat(next(stream).get("position").longValue()).isEqualTo(head + 1);
    }
  }

  @Test
  void the_feed_streams_events_as_they_happen_and_goes_on_after_the_last_one_seen()
      throws IOException {
    long start = head();
    String id = newImport(Map.of("source", "s"));
    try (var stream = stream("/events?after=" + start, null)) {
      JsonNode created = next(stream);
      assertThat(created).isEqualTo(json(audit("/events?after=" + start)).get(0));
      ask("PUT", "/imports/" + id, "{\"total_rows\":2}");
      assertThat(next(stream).get("changes").get("total_rows").get("to").intValue()).isEqualTo(2);
    }
    ask("PUT", "/imports/" + id, "{\"total_rows\":3}");
    try (var stream = stream("/events?after=0&import_id=" + id, Long.toString(start + 1))) {
      assertThat(next(stream).get("position").longValue()).isEqualTo(start + 2);
      assertThat(next(stream).get("position").longValue()).isEqualTo(start + 3);
      stream.awaitHeartbeat();
    }
    HttpResponse<String> wrong =
        send(
            request("GET", "/events")
                .header("X-API-Key", AUDITOR_KEY)
                .header("Accept", "text/event-stream")
                .header("Last-Event-ID", "x"));
    assertThat(wrong.statusCode()).isEqualTo(400);
    assertThat(wrong.headers().firstValue("Content-Type")).contains("application/json");
  }

  @Test
  void the_feed_begins_with_the_last_events_or_with_those_of_a_time() throws IOException {
    String organization = java.util.UUID.randomUUID().toString();
    String key =
        RunningService.newKeyOf(organization, "imports:read", "imports:write", "imports:audit");
    var times = new ArrayList<String>();
    for (int i = 0; i < 5; i++) {
      HttpResponse<String> created =
          send(
              request("POST", "/imports/")
                  .header("X-API-Key", key)
                  .header("Content-Type", "application/json")
                  .method("POST", BodyPublishers.ofString("{\"source\":\"s\"}")));
      times.add(json(created).get("created_at").stringValue());
      // Another organization's events lie between.
      newImport(Map.of("source", "s"));
    }
    assertThat(created(key, "last=2")).isEqualTo(times.subList(3, 5));
    assertThat(created(key, "last=5")).isEqualTo(times);
    assertThat(created(key, "last=1000")).isEqualTo(times);
    assertThat(created(key, "last=0")).isEmpty();
    assertThat(created(key, "since=2001-01-01T00:00:00Z")).isEqualTo(times);
    for (int i = 0; i < 5; i++) {
      // Two may have one time.
      int first = times.indexOf(times.get(i));
      assertThat(created(key, "since=" + times.get(i))).isEqualTo(times.subList(first, 5));
    }
    assertThat(created(key, "since=2999-01-01T00:00:00Z")).isEmpty();
    long head = head();
    try (var stream = stream("/events?last=0", null)) {
      assertThat(stream.awaitHeartbeat()).isEqualTo(head);
    }
  }

  private static List<String> created(String key, String begin) {
    HttpResponse<String> feed = send(request("GET", "/events?" + begin).header("X-API-Key", key));
    return json(feed).valueStream().map(event -> event.get("time").stringValue()).toList();
  }

  @Test
  void a_long_poll_answers_when_the_status_is_reached_or_the_time_is_up() {
    String id = newImport(Map.of("source", "s"));
    long begun = System.nanoTime();
    HttpResponse<String> unchanged = ask("GET", "/imports/" + id + "?wait=1");
    assertThat(json(unchanged).get("status").stringValue()).isEqualTo("pending");
    assertThat(System.nanoTime() - begun).isGreaterThan(Duration.ofMillis(900).toNanos());
    assertThat(ask("GET", "/imports/" + id + "?wait=60&until=failed,pending").statusCode())
        .isEqualTo(200);

    CompletableFuture<HttpResponse<String>> answer = poll(id, "failed,completed");
    CompletableFuture<HttpResponse<String>> earlier = poll(id, "processing");
    ask("PUT", "/imports/" + id, "{\"status\":\"processing\"}");
    assertThat(json(earlier.join()).get("status").stringValue()).isEqualTo("processing");
    // What woke the one woke the other, which has looked by now or does so in vain.
    assertThat(ask("GET", "/imports/" + id + "?wait=0").statusCode()).isEqualTo(200);
    assertThat(answer).isNotDone();
    ask("PUT", "/imports/" + id, "{\"status\":\"completed\"}");
    assertThat(json(answer.join()).get("status").stringValue()).isEqualTo("completed");

    CompletableFuture<HttpResponse<String>> gone = poll(id, "failed");
    ask("DELETE", "/imports/" + id);
    assertThat(gone.join().statusCode()).isEqualTo(404);
    for (String wrong :
        List.of("wait=-1", "wait=61", "wait=x", "wait=1&until=done", "wait=1&until=")) {
      assertThat(ask("GET", "/imports/" + id + "?" + wrong).statusCode()).isEqualTo(400);
    }
  }

  /** A long poll that the service has begun to answer. */
  private static CompletableFuture<HttpResponse<String>> poll(String id, String until) {
    int before = polls();
    CompletableFuture<HttpResponse<String>> answer =
        CompletableFuture.supplyAsync(
            () -> ask("GET", "/imports/" + id + "?wait=15&until=" + until),
            Thread::startVirtualThread);
    await().until(() -> polls() > before);
    return answer;
  }

  private static int polls() {
    MeterRegistry metrics = RunningService.bean(MeterRegistry.class);
    return (int) metrics.get("imports.reads.long.polls").gauge().value();
  }

  private static EventStream stream(String path, @Nullable String lastEventId) {
    var request =
        request("GET", path).header("X-API-Key", AUDITOR_KEY).header("Accept", "text/event-stream");
    if (lastEventId != null) request.header("Last-Event-ID", lastEventId);
    HttpResponse<InputStream> response = send(request, BodyHandlers.ofInputStream());
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type").orElseThrow())
        .startsWith("text/event-stream");
    assertThat(response.headers().firstValue("X-Feed-Heartbeat")).contains("1");
    return new EventStream(response.body());
  }

  private static JsonNode next(EventStream stream) throws IOException {
    EventStream.Event event = stream.next();
    JsonNode change = RunningService.JSON.readTree(event.data());
    assertThat(change.get("position").longValue()).isEqualTo(event.id());
    return change;
  }

  private static HttpResponse<String> audit(String path) {
    return send(request("GET", path).header("X-API-Key", AUDITOR_KEY));
  }

  private static long head() {
    return RunningService.bean(com.sdragent.imports.eventstore.EventLog.class).head();
  }

  private static Instant updatedAt(HttpResponse<String> response) {
    return Instant.parse(json(response).get("updated_at").stringValue());
  }

  private static List<String> rows(HttpResponse<String> list) {
    assertThat(list.statusCode()).as(list.body()).isEqualTo(200);
    return json(list).valueStream().map(JsonNode::toString).toList();
  }

  private static List<JsonNode> pages(String first) {
    var rows = new ArrayList<JsonNode>();
    String next = first;
    while (next != null) {
      HttpResponse<String> page = audit(next);
      assertThat(page.statusCode()).as(page.body()).isEqualTo(200);
      json(page).forEach(rows::add);
      Matcher link =
          Pattern.compile("<([^>]+)>; rel=\"next\"")
              .matcher(page.headers().firstValue("Link").orElse(""));
      next = link.matches() ? URI.create(next).resolve(link.group(1)).toString() : null;
    }
    return rows;
  }

  private static List<String> types(JsonNode events) {
    return events.valueStream().map(event -> event.get("type").stringValue()).toList();
  }

  private static List<Long> longs(JsonNode events, String name) {
    return events.valueStream().map(event -> event.get(name).longValue()).toList();
  }
}
