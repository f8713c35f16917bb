package com.sdragent.imports.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

class AcceptedTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "application/json|application/json",
        "application/json;profile=x|application/json",
        "application/json;q=0|",
        "text/html, */*;q=0.1|text/html, */*;q=0.1",
        "application/json;q=0, */*|text/event-stream",
        "application/json;q=0, text/event-stream|text/event-stream",
        "application/json;q=0.1, text/event-stream|text/event-stream, application/json",
        "text/event-stream;q=0.1, application/json|application/json, text/event-stream",
        "text/event-stream;q=0.1, */*|application/json, text/event-stream, */*",
        "text/event-stream;q=0, */*|application/json, */*",
        "application/problem+json|application/json, application/problem+json",
        "application/problem+json, application/json;q=0|application/problem+json",
        "application/*|application/*"
      })
  void the_best_comes_first_and_what_is_refused_not_at_all(String accept, String best) {
    assertThat(MediaType.toString(accepted(accept).bestFirst()))
        .isEqualTo(best == null ? "" : best);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "application/problem+json|true",
        "application/problem+json, application/json|true",
        "application/problem+json, */*|true",
        "application/json;q=0.5, application/problem+json|true",
        "application/problem+json;q=0.5, application/json|false",
        "application/problem+json;q=0.5, */*|false",
        "application/problem+json;q=0|false",
        "application/*|false",
        "*/*|false",
        "text/html|false"
      })
  void errors_are_problems_for_a_client_that_likes_them_best(String accept, boolean problems) {
    assertThat(accepted(accept).prefersProblems()).isEqualTo(problems);
  }

  @Test
  void without_a_header_everything_is_accepted() {
    assertThat(Accepted.of(new MockHttpServletRequest()).bestFirst())
        .containsExactly(MediaType.ALL);
  }

  @ParameterizedTest
  @ValueSource(strings = {"json", "a/b;q=2", "a/b;q=x", "*/json", "a b/c", "application/json;q="})
  void what_cannot_be_read_is_told(String accept) {
    assertThatThrownBy(() -> accepted(accept)).isInstanceOf(InvalidMediaTypeException.class);
  }

  @Test
  void fifty_types_are_told_apart_and_more_cannot_be_read() {
    String fifty = String.join(", ", Collections.nCopies(50, "text/html"));
    assertThat(accepted(fifty + ";q=0.5").bestFirst())
        .containsExactly(MediaType.valueOf("text/html"));
    assertThatThrownBy(() -> accepted(fifty + ", text/html"))
        .isInstanceOf(InvalidMediaTypeException.class);
  }

  @Test
  void a_range_with_other_parameters_is_no_other_range() {
    assertThat(accepted("application/*;a=1, application/*;a=2, */*, */*;b=1").bestFirst())
        .hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ",",
        ",,;,;;",
        "\u0000",
        "\u00ff/\u00ff",
        "json",
        "*/json",
        "a/b;q=\"",
        "a/b;q=2",
        "a/b;charset=x",
        "a/b;charset='",
        "a/b;a=\"\\",
        "application/json;q=NaN",
        "application/problem+json;q=-1",
        "{accept}",
        "many",
        "long"
      })
  void an_error_is_written_whatever_its_client_accepts(String accept) throws IOException {
    var request = new MockHttpServletRequest();
    request.addHeader(
        "Accept",
        switch (accept) {
          case "many" -> String.join(",", Collections.nCopies(2_000, "a/b"));
          case "long" -> "x".repeat(8_000) + "/" + "y".repeat(8_000);
          default -> accept;
        });
    var response = new MockHttpServletResponse();
    ErrorBodies.write(request, response, ApiError.unauthenticated());
    assertThat(response.getStatus()).isEqualTo(401);
    assertThat(response.getContentType()).isEqualTo("application/json");
    assertThat(response.getContentAsString())
        .isEqualTo("{\"detail\":\"Invalid or missing authentication credentials\"}");
  }

  private static Accepted accepted(String accept) {
    var request = new MockHttpServletRequest();
    request.addHeader("Accept", accept);
    return Accepted.of(request);
  }
}
