package com.sdragent.imports.command.web;

import com.sdragent.imports.web.ApiError;
import com.sdragent.imports.web.StrictJson;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.HttpOutputMessage;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageConverter;
import tools.jackson.databind.JsonNode;

/** Reads what POST and PUT say of an import. */
final class ImportRequestConverter implements HttpMessageConverter<ImportRequest> {
  @Override
  public boolean canRead(Class<?> type, @Nullable MediaType mediaType) {
    return ImportRequest.class.isAssignableFrom(type) && StrictJson.accepts(mediaType);
  }

  @Override
  public boolean canWrite(Class<?> type, @Nullable MediaType mediaType) {
    return false;
  }

  @Override
  public List<MediaType> getSupportedMediaTypes() {
    return List.of(MediaType.APPLICATION_JSON);
  }

  @Override
  public ImportRequest read(Class<? extends ImportRequest> type, HttpInputMessage message)
      throws IOException {
    JsonNode body = StrictJson.body(message);
    if (!body.isObject()) throw ApiError.badRequest("The body must be a JSON object");
    return type == ImportRequest.Create.class
        ? ImportRequestFields.create(body)
        : ImportRequestFields.update(body);
  }

  @Override
  public void write(
      ImportRequest request, @Nullable MediaType contentType, HttpOutputMessage message) {
    throw new UnsupportedOperationException("Requests are only read");
  }
}
