package com.sdragent.imports.web;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads every body of the service: at most 64 KiB of UTF-8 with one JSON value and no key twice. A
 * whole number without fraction and exponent that fits becomes a {@code long}. Any other number
 * becomes a {@code double}, however many digits it has, since no field takes one.
 */
final class StrictJson extends BodyReader<JsonNode> {
  static final int MAX_BODY_BYTES = 64 * 1024;
  private static final int DIGITS_OF_ANY_LONG = 18;

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          // Clients choose the names, so none is kept from one body to the next.
          .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder().maxNumberLength(MAX_BODY_BYTES).build())
          .build();

  StrictJson() {
    super(JsonNode.class);
  }

  /**
   * The body of a request, which has these bytes.
   *
   * @throws ApiError 400 when it is not JSON as the contract wants it, 413 when it is too large
   */
  static JsonNode body(HttpServletRequest request, byte[] bytes) {
    if (bytes.length == 0) throw ApiError.badRequest("The body is missing or is not valid JSON");
    if (bytes.length > MAX_BODY_BYTES) throw tooLarge();
    IdempotencyKey.note(request, bytes);
    return parse(text(bytes));
  }

  @Override
  protected JsonNode read(Class<? extends JsonNode> type, JsonNode body) {
    return body;
  }

  static ApiError tooLarge() {
    return ApiError.payloadTooLarge("The body is larger than 64 KiB");
  }

  private static String text(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    // Java puts this character where bytes are no UTF-8; it may also have been sent.
    if (text.indexOf('\uFFFD') < 0) return text;
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw ApiError.badRequest("The body is not valid UTF-8");
    }
  }

  /** The body, or as much of it as shows that it is too large. */
  static byte[] bytes(HttpServletRequest request) throws IOException {
    long announced = request.getContentLengthLong();
    // The container ends the body there. A limit spares Java a buffer of 16 KiB for each body.
    int limit = announced < 0 ? MAX_BODY_BYTES + 1 : (int) Math.min(announced, MAX_BODY_BYTES + 1);
    try (InputStream body = request.getInputStream()) {
      return body.readNBytes(limit);
    }
  }

  static JsonNode parse(String text) {
    try (JsonParser parser =
        JSON.createParser(tools.jackson.core.ObjectReadContext.empty(), text)) {
      parser.nextToken();
      JsonNode body = value(parser);
      if (parser.nextToken() == null) return body;
    } catch (JacksonException e) {
      // The error below reports it: the parser's own message is for programmers.
    }
    throw ApiError.badRequest("The body is not valid JSON");
  }

  /** The value whose first token is the current one. The parser bounds the nesting. */
  private static JsonNode value(JsonParser parser) {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(parser);
      case START_ARRAY -> array(parser);
      case VALUE_STRING -> NODES.stringNode(parser.getString());
      case VALUE_NUMBER_INT -> integer(parser.getString());
      case VALUE_NUMBER_FLOAT -> NODES.numberNode(Double.parseDouble(parser.getString()));
      case VALUE_TRUE -> NODES.booleanNode(true);
      case VALUE_FALSE -> NODES.booleanNode(false);
      case VALUE_NULL -> NODES.nullNode();
      case null, default -> throw ApiError.badRequest("The body is not valid JSON");
    };
  }

  private static ObjectNode object(JsonParser parser) {
    ObjectNode object = NODES.objectNode();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      object.set(name, value(parser));
    }
    return object;
  }

  private static ArrayNode array(JsonParser parser) {
    ArrayNode array = NODES.arrayNode();
    while (parser.nextToken() != JsonToken.END_ARRAY) array.add(value(parser));
    return array;
  }

  private static JsonNode integer(String digits) {
    return digits.length() <= DIGITS_OF_ANY_LONG
        ? NODES.numberNode(Long.parseLong(digits))
        : NODES.numberNode(Double.parseDouble(digits));
  }
}
