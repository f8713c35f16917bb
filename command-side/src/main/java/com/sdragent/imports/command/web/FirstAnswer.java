package com.sdragent.imports.command.web;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.springframework.http.MediaType;
import tools.jackson.databind.json.JsonMapper;

/**
 * The answer to a request that may be sent again, as it is kept.
 *
 * @param headers those that belong to the answer, and not to the single request
 * @param body JSON
 */
record FirstAnswer(int status, Map<String, String> headers, String body) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Reads what {@link #text} wrote. */
  static FirstAnswer of(String text) {
    return JSON.readValue(text, FirstAnswer.class);
  }

  /** The answer as text. */
  String text() {
    return JSON.writeValueAsString(this);
  }

  /** Gives the answer once more. */
  void write(HttpServletResponse response) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    response.setStatus(status);
    headers.forEach(response::setHeader);
    response.setContentType(MediaType.APPLICATION_JSON_VALUE);
    response.setContentLength(bytes.length);
    response.getOutputStream().write(bytes);
  }
}
