package com.sdragent.imports.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.mock.web.MockHttpServletRequest;

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

  private static Accepted accepted(String accept) {
    var request = new MockHttpServletRequest();
    request.addHeader("Accept", accept);
    return Accepted.of(request);
  }
}
