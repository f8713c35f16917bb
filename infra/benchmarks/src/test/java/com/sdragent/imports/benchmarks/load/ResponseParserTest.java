package com.sdragent.imports.benchmarks.load;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResponseParserTest {
  private static final String WITH_LENGTH =
      "HTTP/1.1 201 \r\ncOnTeNt-LeNgTh: 5\r\nX-Other: content-length: 9\r\n\r\n{\r\n\r}";
  private static final String IN_CHUNKS =
      """
      HTTP/1.1 200 OK\r
      Transfer-Encoding: chunked\r
      Connection: close\r
      \r
      3;name="a;b"\r
      0\r
      \r
      0A\r
      0123456789\r
      0\r
      Trailer: of no interest\r
      \r
      """;
  private static final String WITHOUT_BODY = "HTTP/1.1 204 No Content\r\n\r\n";

  private final ResponseParser parser = new ResponseParser(true);

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 1000})
  void each_response_ends_where_the_next_begins_in_pieces_of_any_size(int size) {
    byte[] all = (WITH_LENGTH + IN_CHUNKS + WITHOUT_BODY + WITH_LENGTH).getBytes(UTF_8);
    var seen = new StringBuilder();
    for (int from = 0; from < all.length; from += size) {
      ByteBuffer piece = ByteBuffer.wrap(all, from, Math.min(size, all.length - from));
      while (piece.hasRemaining()) {
        if (!parser.read(piece)) continue;
        seen.append(parser.status())
            .append(parser.closes() ? " closes " : " ")
            .append(parser.body().length())
            .append('\n');
        parser.reset();
      }
    }
    assertThat(seen.toString()).isEqualTo("201 5\n200 closes 13\n204 0\n201 5\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\n\r\n",
        "220 mail.example.org ESMTP\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n"
      })
  void what_has_no_end_that_could_be_found_is_refused(String response) {
    assertThatThrownBy(() -> parser.read(ByteBuffer.wrap(response.getBytes(UTF_8))))
        .isInstanceOf(MalformedResponseException.class);
  }

  @Test
  void a_body_is_kept_only_for_those_who_ask() {
    var skipping = new ResponseParser(false);
    assertThat(skipping.read(ByteBuffer.wrap(WITH_LENGTH.getBytes(UTF_8)))).isTrue();
    assertThat(skipping.body()).isEmpty();
    assertThat(parser.read(ByteBuffer.wrap(WITH_LENGTH.getBytes(UTF_8)))).isTrue();
    assertThat(parser.body()).isEqualTo("{\r\n\r}");
  }
}
