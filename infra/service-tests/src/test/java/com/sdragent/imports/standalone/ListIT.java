package com.sdragent.imports.standalone;

import static com.sdragent.imports.standalone.RunningService.AUDITOR_KEY;
import static com.sdragent.imports.standalone.RunningService.KEY;
import static com.sdragent.imports.standalone.RunningService.OTHER_KEY;
import static com.sdragent.imports.standalone.RunningService.WRITER_KEY;
import static com.sdragent.imports.standalone.RunningService.ask;
import static com.sdragent.imports.standalone.RunningService.json;
import static com.sdragent.imports.standalone.RunningService.newImport;
import static com.sdragent.imports.standalone.RunningService.request;
import static com.sdragent.imports.standalone.RunningService.send;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What lists can do beyond the published document. */
class ListIT {
  private final String source = "list_" + UUID.randomUUID().toString().replace("-", "");

  @Test
  void is_filtered_by_source() {
    String id = newImport(Map.of("source", source));
    newImport(Map.of("source", source + "x"));
    assertThat(ids("?source=" + source)).containsExactly(id);
  }

  @Test
  void is_filtered_by_whatever_source_was_accepted() {
    String unusual = source + "\u0001" + "\ud83d\ude00".repeat(200);
    HttpResponse<String> created =
        ask("POST", "/imports/", RunningService.JSON.writeValueAsString(Map.of("source", unusual)));
    assertThat(created.statusCode()).as(created.body()).isEqualTo(201);
    String shown = json(created).get("source").stringValue();
    assertThat(ids("?source=" + URLEncoder.encode(shown, StandardCharsets.UTF_8)))
        .containsExactly(json(created).get("id").stringValue());
  }

  @Test
  void is_filtered_by_times_which_are_excluded_themselves() {
    List<String> created = created(3);
    String time = json(ask("GET", "/imports/" + created.get(1))).get("created_at").stringValue();
    assertThat(ids("?source=" + source + "&created_after=" + time)).containsExactly(created.get(2));
    assertThat(ids("?source=" + source + "&created_before=" + time))
        .containsExactly(created.get(0));
    assertThat(ids("?source=" + source + "&created_after=2020-01-01T00:00:00%2B02:00"))
        .isEqualTo(created.reversed());

    ask("PUT", "/imports/" + created.get(0), "{\"status\":\"failed\"}");
    assertThat(ids("?source=" + source + "&updated_after=" + time))
        .containsExactly(created.get(2), created.get(0));
  }

  @Test
  void keeps_its_filters_from_page_to_page() {
    List<String> created = created(5);
    String before = json(ask("GET", "/imports/" + created.get(4))).get("created_at").stringValue();
    newImport(Map.of("source", source + "x"));
    var seen = new ArrayList<String>();
    String next =
        "/imports/?limit=2&status=pending&created_after=2020-01-01T00:00:00.5Z&updated_after=2020-01-01T00:00:00Z&source="
            + source
            + "&created_before="
            + before;
    while (next != null) {
      HttpResponse<String> page = ask("GET", next);
      json(page).forEach(row -> seen.add(row.get("id").stringValue()));
      Matcher link =
          Pattern.compile("<([^>]+)>; rel=\"next\"")
              .matcher(page.headers().firstValue("Link").orElse(""));
      next = link.matches() ? URI.create(next).resolve(link.group(1)).toString() : null;
    }
    assertThat(seen).isEqualTo(created.subList(0, 4).reversed());
  }

  @Test
  void is_counted_by_head() {
    created(3);
    HttpResponse<String> response = ask("HEAD", "/imports/?limit=1&source=" + source);
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("X-Total-Count")).contains("3");
    assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
    assertThat(response.body()).isEmpty();
    assertThat(ask("HEAD", "/imports?source=nothing").headers().firstValue("X-Total-Count"))
        .contains("0");
    assertThat(count(OTHER_KEY).headers().firstValue("X-Total-Count")).contains("0");
    assertThat(count(WRITER_KEY).statusCode()).isEqualTo(403);
    assertThat(send(request("HEAD", "/imports")).statusCode()).isEqualTo(401);
    assertThat(ask("HEAD", "/imports?status=x").statusCode()).isEqualTo(400);
  }

  private HttpResponse<String> count(String key) {
    return send(request("HEAD", "/imports?source=" + source).header("X-API-Key", key));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "source=|source must be a source as answers show it, of 1 to 255 characters",
        "source=a%00b|source must be a source as answers show it, of 1 to 255 characters",
        "created_after=yesterday|created_after must be an ISO 8601 time with an offset, such as"
            + " 2024-10-06T12:00:00Z",
        "created_before=2024-10-06T12:00:00|created_before must be an ISO 8601 time with an offset,"
            + " such as 2024-10-06T12:00:00Z",
        "updated_after=%2B999999999-01-01T00:00:00Z|updated_after must be an ISO 8601 time with an"
            + " offset, such as 2024-10-06T12:00:00Z"
      })
  void with_a_wrong_filter_is_a_400(String query, String error) {
    HttpResponse<String> response = ask("GET", "/imports/?" + query);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
    assertThat(json(response).get("detail").stringValue()).isEqualTo("Validation error: " + error);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "&as_of=2999-01-01T00:00:00Z"})
  void compares_times_exactly_whatever_digits_they_have(String asOf) {
    String id = newImport(Map.of("source", source));
    Instant time =
        Instant.parse(json(ask("GET", "/imports/" + id)).get("created_at").stringValue());
    String begin = "?source=" + source + asOf + "&";
    for (String after : List.of("created_after=", "updated_after=")) {
      assertThat(ids(begin + after + nanos(time.minusNanos(1)))).containsExactly(id);
      assertThat(ids(begin + after + nanos(time.minusNanos(499)))).containsExactly(id);
      assertThat(ids(begin + after + nanos(time))).isEmpty();
      assertThat(ids(begin + after + nanos(time.plusNanos(999)))).isEmpty();
    }
    String before = begin + "created_before=";
    assertThat(ids(before + nanos(time.minusNanos(1)))).isEmpty();
    assertThat(ids(before + nanos(time))).isEmpty();
    assertThat(ids(before + nanos(time).replace("Z", "000000Z"))).isEmpty();
    assertThat(ids(before + nanos(time).replace("Z", "000001Z"))).containsExactly(id);
    assertThat(ids(before + nanos(time.plusNanos(1)))).containsExactly(id);
    assertThat(ids(before + nanos(time.plusNanos(499)))).containsExactly(id);
  }

  /** With all nine digits. */
  private static String nanos(Instant time) {
    return DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSSSS'Z'", Locale.ROOT)
        .withZone(ZoneOffset.UTC)
        .format(time);
  }

  private List<String> created(int count) {
    var ids = new ArrayList<String>();
    for (int i = 0; i < count; i++) ids.add(newImport(Map.of("source", source)));
    return ids;
  }

  private static List<String> ids(String query) {
    String key = query.contains("as_of=") ? AUDITOR_KEY : KEY;
    HttpResponse<String> response =
        send(request("GET", "/imports/" + query).header("X-API-Key", key));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    var ids = new ArrayList<String>();
    for (JsonNode row : json(response)) ids.add(row.get("id").stringValue());
    return ids;
  }
}
