package com.sdragent.imports.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.servlet.ServletInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.web.DelegatingServletInputStream;
import org.springframework.mock.web.MockHttpServletRequest;
import tools.jackson.databind.JsonNode;

class StrictJsonTest {
  private static final long SEED = 20261126;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1e99999999999",
        "-1e99999999999",
        "1e-99999999999",
        "1e400",
        "5e2",
        "1.0",
        "0.1",
        "9223372036854775808",
        "-99999999999999999999"
      })
  void a_number_that_no_field_takes_is_no_integer(String number) {
    JsonNode value = StrictJson.parse("{\"x\":" + number + "}").get("x");
    assertThat(value.isNumber()).isTrue();
    assertThat(value.isIntegralNumber()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-0", "-1", "9007199254740991", "999999999999999999"})
  void an_integer_of_up_to_18_digits_is_one(String number) {
    JsonNode value = StrictJson.parse(number);
    assertThat(value.isIntegralNumber()).isTrue();
    assertThat(value.longValue()).isEqualTo(Long.parseLong(number));
  }

  @Test
  @Timeout(20)
  void as_many_digits_as_a_body_holds_cost_no_more_than_other_text() {
    String digits = "9".repeat(60_000);
    for (String number : new String[] {digits, "0." + digits, digits + "e" + "9".repeat(5_000)}) {
      JsonNode value = StrictJson.parse("[" + number + "]").get(0);
      assertThat(value.isIntegralNumber()).isFalse();
    }
    // Quadratic work for a thousand of them would take minutes.
    for (int i = 0; i < 1000; i++) StrictJson.parse(digits);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"01", "+1", ".5", "1.", "1e", "0x1", "NaN", "Infinity", "-", "--1", "1_000"})
  void what_is_no_number_of_json_is_refused(String number) {
    assertThatThrownBy(() -> StrictJson.parse(number)).isInstanceOf(ApiError.class);
  }

  @Test
  @Timeout(20)
  void deep_nesting_long_names_and_many_keys_are_bounded() {
    for (String body :
        new String[] {
          "[".repeat(65_536),
          "{\"a\":".repeat(10_000),
          "[".repeat(30_000) + "]".repeat(30_000),
          "{\"" + "n".repeat(65_000) + "\":1}"
        }) {
      assertThatThrownBy(() -> StrictJson.parse(body)).isInstanceOf(ApiError.class);
    }
    var colliding = new StringBuilder("{");
    // Each of these names has the same hash.
    for (int i = 0; i < 4096; i++) {
      colliding.append(i == 0 ? "\"" : ",\"");
      for (int bit = 0; bit < 12; bit++) colliding.append((i >> bit & 1) == 0 ? "Aa" : "BB");
      colliding.append("\":1");
    }
    assertThat(StrictJson.parse(colliding.append('}').toString())).hasSize(4096);
  }

  @Test
  void ten_thousand_random_bodies_are_read_or_refused() {
    var random = new Random(SEED);
    String letters = "{}[]\",:0123456789.eE+-truefalsn \\u\u0000\u00e9\ud83d\ude00";
    int read = 0;
    long begun = System.nanoTime();
    for (int i = 0; i < 10_000; i++) {
      var body = new StringBuilder(random.nextBoolean() ? "{\"x\":" : "");
      for (int n = random.nextInt(12); n > 0; n--) {
        body.append(letters.charAt(random.nextInt(letters.length())));
      }
      try {
        StrictJson.parse(body.toString());
        read++;
      } catch (ApiError e) {
        assertThat(e.status()).isEqualTo(400);
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%d of 10000 random bodies were JSON, in %d ms%n",
        read,
        Duration.ofNanos(System.nanoTime() - begun).toMillis());
    assertThat(read).isPositive();
  }

  @Test
  void no_more_is_asked_for_than_the_body_that_was_announced() throws IOException {
    byte[] json = "{\"source\":\"x\"}".getBytes(StandardCharsets.UTF_8);
    var body = new Body(json, json.length);
    assertThat(StrictJson.bytes(body)).isEqualTo(json);
    assertThat(body.mostAskedFor).isEqualTo(json.length);
  }

  @Test
  void a_body_without_a_length_is_read_to_its_end() throws IOException {
    byte[] json = "[\"\uFFFD\"]".getBytes(StandardCharsets.UTF_8);
    var body = new Body(json, -1);
    assertThat(StrictJson.bytes(body)).isEqualTo(json);
    assertThat(StrictJson.body(body, json).get(0).stringValue()).isEqualTo("\uFFFD");
  }

  @Test
  void bytes_that_are_no_text_are_refused_although_java_replaces_them() {
    var bytes = new byte[] {'[', '"', (byte) 0xC3, '"', ']'};
    assertThatThrownBy(() -> StrictJson.body(new MockHttpServletRequest(), bytes))
        .isInstanceOf(ApiError.class)
        .hasMessage("The body is not valid UTF-8");
  }

  private static final class Body extends MockHttpServletRequest {
    private final ByteArrayInputStream bytes;
    private final long length;
    private int mostAskedFor;

    private Body(byte[] bytes, long length) {
      this.bytes = new ByteArrayInputStream(bytes);
      this.length = length;
    }

    @Override
    public long getContentLengthLong() {
      return length;
    }

    @Override
    public ServletInputStream getInputStream() {
      return new DelegatingServletInputStream(bytes) {
        @Override
        public int read(byte[] to, int from, int most) {
          mostAskedFor = Math.max(mostAskedFor, most);
          return bytes.read(to, from, most);
        }
      };
    }
  }
}
