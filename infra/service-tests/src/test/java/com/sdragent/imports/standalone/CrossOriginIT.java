package com.sdragent.imports.standalone;

import static com.sdragent.imports.standalone.RunningService.KEY;
import static com.sdragent.imports.standalone.RunningService.PAGE;
import static com.sdragent.imports.standalone.RunningService.json;
import static com.sdragent.imports.standalone.RunningService.request;
import static com.sdragent.imports.standalone.RunningService.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sdragent.imports.web.WebProperties;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages of other origins, as browsers let them ask. */
class CrossOriginIT {
  private static final String ALLOWED = "Access-Control-Allow-Origin";

  @Test
  void a_preflight_of_an_allowed_page_needs_no_key_and_reaches_no_controller() {
    for (String path : List.of("/imports/", "/imports/no-id", "/nowhere", "/actuator/prometheus")) {
      HttpResponse<String> answer = send(preflight(path, PAGE, "PATCH"));
      assertThat(answer.statusCode()).as(path).isEqualTo(200);
      assertThat(answer.headers().firstValue(ALLOWED)).contains(PAGE);
      assertThat(answer.headers().firstValue("Access-Control-Allow-Methods").orElse(""))
          .contains("GET", "POST", "PUT", "PATCH", "DELETE");
      assertThat(answer.headers().firstValue("Access-Control-Allow-Headers").orElse(""))
          .contains("X-API-Key");
      assertThat(answer.headers().firstValue("Access-Control-Allow-Credentials")).isEmpty();
      assertThat(answer.body()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"https://elsewhere.example", "http://console.example", PAGE + ":444", "null"})
  void a_preflight_of_another_page_is_refused_in_the_service_s_own_words(String origin) {
    HttpResponse<String> answer = send(preflight("/imports/", origin, "POST"));
    assertThat(answer.statusCode()).isEqualTo(403);
    assertThat(answer.headers().firstValue(ALLOWED)).isEmpty();
    assertThat(json(answer).get("detail").stringValue()).contains("Pages of this origin");
  }

  @Test
  void an_allowed_page_reads_answers_and_errors_with_their_headers() {
    HttpResponse<String> created =
        send(
            request("POST", "/imports/")
                .header("Origin", PAGE)
                .header("X-API-Key", KEY)
                .header("Content-Type", "application/json")
                .method("POST", BodyPublishers.ofString("{\"source\":\"s\"}")));
    assertThat(created.statusCode()).isEqualTo(201);
    assertThat(created.headers().firstValue(ALLOWED)).contains(PAGE);
    assertThat(created.headers().firstValue("Access-Control-Expose-Headers").orElse(""))
        .contains("ETag", "Location", "Link", "Retry-After", "RateLimit", "X-Request-Id")
        .contains("Idempotency-Replayed");
    HttpResponse<String> refused = send(request("GET", "/imports/").header("Origin", PAGE));
    assertThat(refused.statusCode()).isEqualTo(401);
    assertThat(refused.headers().firstValue(ALLOWED)).contains(PAGE);
  }

  @Test
  void a_plain_request_for_options_is_answered_as_without_an_origin() {
    for (String method : List.of("OPTIONS", "PURGE")) {
      HttpResponse<String> without = send(request(method, "/imports/").header("X-API-Key", KEY));
      HttpResponse<String> ofAPage =
          send(request(method, "/imports/").header("X-API-Key", KEY).header("Origin", PAGE));
      assertThat(ofAPage.statusCode()).isEqualTo(without.statusCode()).isNotEqualTo(403);
      assertThat(ofAPage.headers().allValues("Allow"))
          .isEqualTo(without.headers().allValues("Allow"));
      assertThat(ofAPage.headers().firstValue(ALLOWED)).contains(PAGE);
    }
  }

  @Test
  void a_request_from_elsewhere_is_answered_and_its_page_cannot_read_it() {
    HttpResponse<String> answer =
        send(
            request("GET", "/imports/?limit=1")
                .header("Origin", "https://elsewhere.example")
                .header("X-API-Key", KEY));
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue(ALLOWED)).isEmpty();
    assertThat(answer.headers().allValues("Vary")).contains("Origin");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"https://a.example/", "a.example", "https://*.example", "null", "ftp://a", ""})
  void what_is_no_origin_keeps_the_service_from_starting(String text) {
    assertThatThrownBy(() -> new WebProperties.Cors(List.of(text)))
        .hasMessageContaining("imports.web.cors.allowed-origins has " + text + ": set it to");
  }

  private static HttpRequest.Builder preflight(String path, String origin, String method) {
    return request("OPTIONS", path)
        .header("Origin", origin)
        .header("Access-Control-Request-Method", method)
        .header("Access-Control-Request-Headers", "X-API-Key, Content-Type");
  }
}
