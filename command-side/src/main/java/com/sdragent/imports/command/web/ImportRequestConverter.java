package com.sdragent.imports.command.web;

import com.sdragent.imports.access.ApiError;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.HttpOutputMessage;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageConverter;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads the body of a request strictly: at most 64 KiB of UTF-8, one JSON object, no key twice. */
final class ImportRequestConverter implements HttpMessageConverter<ImportRequest> {
  static final int MAX_BODY_BYTES = 64 * 1024;

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();

  @Override
  public boolean canRead(Class<?> type, @Nullable MediaType mediaType) {
    return ImportRequest.class.isAssignableFrom(type) && isJson(mediaType);
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
    JsonNode body = parse(text(message));
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

  private static boolean isJson(@Nullable MediaType mediaType) {
    return mediaType != null && MediaType.APPLICATION_JSON.includes(mediaType);
  }

  private static String text(HttpInputMessage message) throws IOException {
    if (message.getHeaders().getContentLength() > MAX_BODY_BYTES) throw tooLarge();
    byte[] bytes;
    try (InputStream body = message.getBody()) {
      bytes = body.readNBytes(MAX_BODY_BYTES + 1);
    }
    if (bytes.length > MAX_BODY_BYTES) throw tooLarge();
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw ApiError.badRequest("The body is not valid UTF-8");
    }
  }

  private static JsonNode parse(String text) {
    try {
      return JSON.readTree(text);
    } catch (JacksonException e) {
      throw ApiError.badRequest("The body is not valid JSON");
    }
  }

  private static ApiError tooLarge() {
    return ApiError.payloadTooLarge("The body is larger than 64 KiB");
  }
}
