package com.sdragent.imports.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sdragent.imports.testservers.contract.ApiContract;
import com.sdragent.imports.testservers.contract.Exchange;
import java.net.http.HttpHeaders;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What holds the answers of the other tests against the API's document finds what differs. */
class ApiContractTest {
  private static final String IMPORT =
      """
      {"id":"7c9e6679-7425-40de-944b-e07fc1f90ae7","org_id":"123e4567-e89b-12d3-a456-426614174000",
       "campaign_id":null,"source":"salesforce","file_name":null,"status":"pending","total_rows":0,
       "created_at":"2024-10-06T12:00:00Z","updated_at":"2024-10-06T12:00:00Z"}
      """;
  private static final Map<String, String> HEADERS =
      Map.of("Content-Type", "application/json", "X-Request-Id", "x", "ETag", "\"0\"");

  @Test
  void an_answer_as_the_document_says_is_let_pass() {
    assertThat(ApiContract.errors(post("{\"source\":\"salesforce\"}", 201, IMPORT, HEADERS)))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a field is absent            |\"source\":\"salesforce\",|''",
        "a field has another type     |\"total_rows\":0|\"total_rows\":\"0\"",
        "a field is null              |\"source\":\"salesforce\"|\"source\":null",
        "a field has no value of enum |pending|done",
        "a time is none               |2024-10-06T12|2024-10-06 12",
        "it is no JSON                |{|",
      })
  void a_body_that_the_document_does_not_have_is_found(String what, String is, String was) {
    String body = IMPORT.replace(is, was == null ? "" : was);
    assertThat(ApiContract.errors(post("{\"source\":\"salesforce\"}", 201, body, HEADERS)))
        .as(what)
        .isNotEmpty();
  }

  @Test
  void a_status_a_header_or_a_media_type_that_the_document_does_not_have_is_found() {
    String sent = "{\"source\":\"salesforce\"}";
    assertThat(ApiContract.errors(post(sent, 200, IMPORT, HEADERS))).isNotEmpty();
    for (Map<String, String> wrong :
        List.of(
            Map.of("X-Colour", "red"),
            Map.of("Content-Type", "text/plain"),
            Map.of("ETag", "W/\"0\""))) {
      var headers = new HashMap<>(HEADERS);
      headers.putAll(wrong);
      assertThat(ApiContract.errors(post(sent, 201, IMPORT, headers))).as("%s", wrong).hasSize(1);
    }
    String error = "{\"detail\":\"No\"}";
    Map<String, String> plain = Map.of("Content-Type", "application/json", "X-Request-Id", "x");
    assertThat(ApiContract.errors(post(sent, 403, error, plain))).isEmpty();
    assertThat(ApiContract.errors(post(sent, 401, error, plain)))
        .containsExactly("no header WWW-Authenticate");
    assertThat(
            ApiContract.errors(post(sent, 403, error, Map.of("Content-Type", "application/json"))))
        .containsExactly("no X-Request-Id");
  }

  @Test
  void what_was_done_without_a_valid_request_is_found() {
    Function<@Nullable String, List<String>> done =
        sent -> ApiContract.errors(post(sent, 201, IMPORT, HEADERS));
    assertThat(done.apply("{}")).isNotEmpty();
    assertThat(done.apply("{\"source\":5}")).isNotEmpty();
    assertThat(done.apply(null)).containsExactly("done without a body");
    assertThat(ApiContract.errors(get("/imports/?limit=0", 200, "[]"))).isNotEmpty();
    assertThat(ApiContract.errors(get("/imports/?limit=1", 200, "[]"))).isEmpty();
    assertThat(ApiContract.errors(get("/imports/x", 200, IMPORT))).isNotEmpty();
  }

  @Test
  void an_address_that_the_document_does_not_have_is_not_answered() {
    assertThat(ApiContract.errors(get("/nowhere", 404, "{\"detail\":\"No\"}"))).isEmpty();
    assertThat(ApiContract.errors(get("/nowhere", 200, "[]"))).isNotEmpty();
    assertThat(ApiContract.errors(get("/nowhere", 404, "no"))).isNotEmpty();
  }

  @Test
  void an_event_of_a_stream_that_the_document_does_not_have_is_found() {
    ApiContract.assertEventKept("reset", "{\"position\":7,\"detail\":\"x\"}");
    assertThatThrownBy(() -> ApiContract.assertEventKept("message", "{\"position\":7}"))
        .isInstanceOf(AssertionError.class);
    assertThatThrownBy(() -> ApiContract.assertEventKept("other", "{}"))
        .isInstanceOf(AssertionError.class);
  }

  private static Exchange post(
      @Nullable String sent, int status, String body, Map<String, String> headers) {
    Map<String, String> own = Map.of("Content-Type", "application/json");
    return new Exchange("POST", "/imports/", headers(own), sent, status, headers(headers), body);
  }

  private static Exchange get(String target, int status, String body) {
    Map<String, String> headers = Map.of("Content-Type", "application/json", "X-Request-Id", "x");
    return new Exchange("GET", target, headers(Map.of()), null, status, headers(headers), body);
  }

  private static HttpHeaders headers(Map<String, String> headers) {
    var lists = new HashMap<String, List<String>>();
    headers.forEach((name, value) -> lists.put(name, List.of(value)));
    return HttpHeaders.of(lists, (_, _) -> true);
  }
}
