package com.sdragent.imports.web;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.HttpOutputMessage;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageConverter;
import tools.jackson.databind.JsonNode;

/**
 * Makes requests of this type out of bodies that {@link StrictJson} reads. It writes no answers.
 */
public abstract class BodyReader<T> implements HttpMessageConverter<T> {
  private final Class<T> requests;
  private final List<MediaType> types;

  /**
   * @param types the media types of bodies, without any for {@code application/json}
   */
  protected BodyReader(Class<T> requests, MediaType... types) {
    this.requests = requests;
    this.types = types.length == 0 ? List.of(MediaType.APPLICATION_JSON) : List.of(types);
  }

  /**
   * The request that is in this body.
   *
   * @throws ApiError 400 when there is none in it
   */
  protected abstract T read(Class<? extends T> type, JsonNode body);

  @Override
  public final T read(Class<? extends T> type, HttpInputMessage message) throws IOException {
    JsonNode body = StrictJson.body(message);
    return StrictHandling.read(message, body, () -> read(type, body));
  }

  @Override
  public final boolean canRead(Class<?> type, @Nullable MediaType mediaType) {
    if (mediaType == null || !requests.isAssignableFrom(type)) return false;
    for (MediaType known : types) {
      if (known.includes(mediaType)) return true;
    }
    return false;
  }

  @Override
  public final boolean canWrite(Class<?> type, @Nullable MediaType mediaType) {
    return false;
  }

  @Override
  public final List<MediaType> getSupportedMediaTypes() {
    return types;
  }

  @Override
  public final void write(T request, @Nullable MediaType contentType, HttpOutputMessage message) {
    throw new UnsupportedOperationException("Requests are only read");
  }
}
