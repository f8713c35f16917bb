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

  protected BodyReader(Class<T> requests) {
    this.requests = requests;
  }

  /**
   * The request that is in this body.
   *
   * @throws ApiError 400 when there is none in it
   */
  protected abstract T read(Class<? extends T> type, JsonNode body);

  @Override
  public final T read(Class<? extends T> type, HttpInputMessage message) throws IOException {
    return read(type, StrictJson.body(message));
  }

  @Override
  public final boolean canRead(Class<?> type, @Nullable MediaType mediaType) {
    return requests.isAssignableFrom(type)
        && mediaType != null
        && MediaType.APPLICATION_JSON.includes(mediaType);
  }

  @Override
  public final boolean canWrite(Class<?> type, @Nullable MediaType mediaType) {
    return false;
  }

  @Override
  public final List<MediaType> getSupportedMediaTypes() {
    return List.of(MediaType.APPLICATION_JSON);
  }

  @Override
  public final void write(T request, @Nullable MediaType contentType, HttpOutputMessage message) {
    throw new UnsupportedOperationException("Requests are only read");
  }
}
