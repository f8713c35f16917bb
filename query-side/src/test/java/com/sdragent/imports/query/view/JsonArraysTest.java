package com.sdragent.imports.query.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sdragent.imports.query.view.JsonArrays.Chunk;
import com.sdragent.imports.query.view.JsonArrays.Source;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import tools.jackson.databind.json.JsonMapper;

@Timeout(20)
class JsonArraysTest {
  private final JsonArrays arrays =
      new JsonArrays(JsonMapper.builder().build(), new ReadingTurns(Duration.ofSeconds(1), 1), 2);

  @Test
  void a_client_that_has_gone_ends_a_list_although_nothing_passes_its_filter() {
    Source<Integer> nothingForEver = _ -> new Chunk<>(List.of(), false);
    assertThatThrownBy(() -> write(nothingForEver, new Gone())).hasStackTraceContaining("gone");
  }

  @Test
  void looks_that_find_nothing_leave_the_array_what_it_is() throws IOException {
    var looks =
        new ArrayDeque<>(
            List.of(
                new Chunk<Integer>(List.of(), false),
                new Chunk<>(List.of(1, 2), false),
                new Chunk<Integer>(List.of(), false),
                new Chunk<>(List.of(3), true)));
    var response = new MockHttpServletResponse();
    write(_ -> looks.remove(), response);
    assertThat(JsonMapper.builder().build().readValue(response.getContentAsString(), int[].class))
        .containsExactly(1, 2, 3);
  }

  private void write(Source<Integer> source, MockHttpServletResponse response) throws IOException {
    arrays.<Integer>write(null, source, (_, _) -> "", new MockHttpServletRequest(), response);
  }

  /** Of a client that closed the connection. */
  private static final class Gone extends MockHttpServletResponse {
    @Override
    public ServletOutputStream getOutputStream() {
      return new ServletOutputStream() {
        @Override
        public void write(int b) throws IOException {
          throw new IOException("gone");
        }

        @Override
        public boolean isReady() {
          return true;
        }

        @Override
        public void setWriteListener(WriteListener listener) {}
      };
    }
  }
}
