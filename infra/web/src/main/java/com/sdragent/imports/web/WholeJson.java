package com.sdragent.imports.web;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.core.ResolvableType;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpOutputMessage;
import org.springframework.http.MediaType;
import org.springframework.http.converter.json.JacksonJsonHttpMessageConverter;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes an answer in one piece, with its length: Spring would flush it earlier, so that it would
 * leave chunked and in two pieces. It reads nothing: {@link StrictJson} reads the bodies.
 */
final class WholeJson extends JacksonJsonHttpMessageConverter {
  WholeJson(JsonMapper json) {
    super(json);
  }

  @Override
  public boolean canRead(ResolvableType type, @Nullable MediaType mediaType) {
    return false;
  }

  @Override
  protected void writeInternal(
      Object answer,
      ResolvableType type,
      HttpOutputMessage message,
      @Nullable Map<String, Object> hints)
      throws IOException {
    var bytes = new ByteArrayOutputStream();
    super.writeInternal(answer, type, new Buffered(message.getHeaders(), bytes), hints);
    message.getHeaders().setContentLength(bytes.size());
    bytes.writeTo(message.getBody());
  }

  private record Buffered(HttpHeaders headers, ByteArrayOutputStream bytes)
      implements HttpOutputMessage {
    @Override
    public HttpHeaders getHeaders() {
      return headers;
    }

    @Override
    public OutputStream getBody() {
      return bytes;
    }
  }
}
