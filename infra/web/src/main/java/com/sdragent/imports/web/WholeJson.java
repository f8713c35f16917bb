package com.sdragent.imports.web;

import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.core.ResolvableType;
import org.springframework.core.io.Resource;
import org.springframework.http.HttpEntity;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpOutputMessage;
import org.springframework.http.MediaType;
import org.springframework.http.converter.json.JacksonJsonHttpMessageConverter;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.method.support.HandlerMethodReturnValueHandler;
import org.springframework.web.method.support.ModelAndViewContainer;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes an answer in one piece, with its length: Spring would flush it earlier, so that it would
 * leave chunked and in two pieces. What a controller returns without an entity around it, which is
 * what hot routes do, is written at once: that the client accepts JSON is settled by the route. It
 * reads nothing: {@link StrictJson} reads the bodies.
 */
final class WholeJson extends JacksonJsonHttpMessageConverter
    implements HandlerMethodReturnValueHandler {
  /** Entities, and what is ready to be sent as it is. */
  private static final List<Class<?>> SPRINGS =
      List.of(HttpEntity.class, CharSequence.class, byte[].class, Resource.class);

  private final JsonMapper json;

  WholeJson(JsonMapper json) {
    super(json);
    this.json = json;
  }

  @Override
  public boolean supportsReturnType(MethodParameter returned) {
    for (Class<?> kind : SPRINGS) {
      if (kind.isAssignableFrom(returned.getParameterType())) return false;
    }
    return returned.getContainingClass().isAnnotationPresent(RestController.class);
  }

  @Override
  public void handleReturnValue(
      @Nullable Object answer,
      MethodParameter returned,
      ModelAndViewContainer container,
      NativeWebRequest web)
      throws IOException {
    container.setRequestHandled(true);
    if (answer == null) return;
    HttpServletResponse response =
        Objects.requireNonNull(web.getNativeResponse(HttpServletResponse.class));
    byte[] bytes = json.writeValueAsBytes(answer);
    response.setContentType(MediaType.APPLICATION_JSON_VALUE);
    response.setContentLength(bytes.length);
    response.getOutputStream().write(bytes);
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
