package com.sdragent.imports.testservers.contract;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Requests for the operations of the API's document: some as it says, some with one or several
 * things that it does not say. The same seed and the same answers give the same requests.
 */
public final class GeneratedRequests {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final List<DocumentedOperation> OPERATIONS =
      DocumentedOperation.allOf(ApiContract.DOCUMENT);
  private static final int MOST_KNOWN = 200;
  private static final List<String> METHODS =
      List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

  /** What the schemas say too little of to make it often. */
  private static final Map<String, List<String>> SAMPLES =
      Map.of(
          "If-Match", List.of("*", "\"0\"", "\"1\"", "W/\"0\"", "\"0\", \"1\""),
          "If-None-Match", List.of("*", "\"0\"", "W/\"1\""),
          "Min-Version", List.of("0", "1"),
          "Prefer", List.of("handling=strict", "handling=lenient"),
          "until", List.of("completed", "pending,failed"),
          "wait", List.of("0"));

  private static final List<String> STRANGE =
      List.of(
          "",
          " ",
          "0",
          "-1",
          "1e3",
          "null",
          "true",
          "[]",
          "{}",
          "../..",
          "%",
          "%00",
          "%2e%2e%2f",
          "' or '1'='1",
          "\"; drop table domain_event; --",
          "9223372036854775808",
          "99999999999999999999999999",
          "0x10",
          "NaN",
          "2024-02-30T00:00:00Z",
          "+999999999-12-31T23:59:59Z",
          "2024-10-06T12:00:00",
          "00000000-0000-0000-0000-000000000000",
          "7c9e6679-7425-40de-944b-e07fc1f90ae",
          "\u0000",
          "\u0085",
          "\ufeff",
          "\ud800",
          "e\u0301",
          "\u202e",
          "\ud83d\ude00",
          "x".repeat(300),
          "é".repeat(1500));

  private final Random random;
  private final Map<String, List<String>> known;

  private GeneratedRequests(long seed, Map<String, List<String>> known) {
    random = new Random(seed);
    this.known = known;
  }

  /** Requests from this seed on. */
  public GeneratedRequests(long seed) {
    this(
        seed,
        new ConcurrentHashMap<>(
            Map.of("name", new CopyOnWriteArrayList<>(List.of("imports", "summary")))));
  }

  /** Other requests, about what the answers to these have told. */
  public GeneratedRequests others(long seed) {
    return new GeneratedRequests(seed, known);
  }

  /**
   * A request.
   *
   * @param headers names and values in turn
   * @param body null for none
   */
  public record Generated(
      String method, String target, List<String> headers, @Nullable String body) {}

  /** The next one. */
  public Generated next() {
    DocumentedOperation operation = OPERATIONS.get(random.nextInt(OPERATIONS.size()));
    // Nine of ten have at most one thing that is strange.
    boolean strange = oneOf(2);
    var query = new ArrayList<String>();
    var headers = new ArrayList<String>();
    String path = operation.template();
    for (JsonNode parameter : operation.parameters()) {
      String name = parameter.get("name").stringValue();
      String in = parameter.get("in").stringValue();
      if (!in.equals("path") && !oneOf(4)) continue;
      String value = strange && oneOf(4) ? strange() : text(name, parameter.get("schema"));
      switch (in) {
        case "path" ->
            path = path.replace("{" + name + "}", encoded(value.isEmpty() ? "x" : value));
        case "query" -> query.add(encoded(name) + "=" + encoded(value));
        default -> addHeader(headers, name, value);
      }
    }
    if (strange && oneOf(10)) query.add(encoded(strange()) + "=" + encoded(strange()));
    if (strange && oneOf(10) && !query.isEmpty()) query.add(query.getFirst());
    if (oneOf(10)) addHeader(headers, "Accept", accepted());
    String method = strange && oneOf(10) ? pick(METHODS) : operation.method();
    if (oneOf(4)) path = path.endsWith("/") ? path.substring(0, path.length() - 1) : path + "/";
    return new Generated(
        method,
        path + (query.isEmpty() ? "" : "?" + String.join("&", query)),
        headers,
        body(operation, strange, headers));
  }

  private String accepted() {
    return pick(
        List.of(
            "application/json",
            "application/problem+json",
            "*/*",
            "text/html",
            "application/*;q=0.1",
            "x"));
  }

  private @Nullable String body(
      DocumentedOperation operation, boolean strange, List<String> headers) {
    JsonNode content = operation.operation().path("requestBody").path("content");
    if (content.isEmpty()) return null;
    Map.Entry<String, JsonNode> type = content.properties().iterator().next();
    addHeader(headers, "Content-Type", strange && oneOf(15) ? "text/plain" : type.getKey());
    JsonNode body = value(type.getValue().get("schema"), 0);
    if (strange && oneOf(2)) spoil(body);
    String text = body.toString();
    if (strange && oneOf(15)) text = text.substring(0, random.nextInt(text.length() + 1));
    return strange && oneOf(20) ? null : text;
  }

  /** Puts something else somewhere. */
  private void spoil(JsonNode body) {
    if (!(body instanceof ObjectNode object)) return;
    List<String> names = new ArrayList<>(object.propertyNames());
    String name = names.isEmpty() || oneOf(5) ? pick(STRANGE) : pick(names);
    if (oneOf(5)) object.remove(name);
    else object.set(name, anything(0));
  }

  private JsonNode anything(int depth) {
    return switch (random.nextInt(depth > 3 ? 6 : 8)) {
      case 0 -> NODES.nullNode();
      case 1 -> NODES.booleanNode(random.nextBoolean());
      case 2 -> NODES.numberNode(random.nextLong());
      case 3 -> NODES.numberNode(random.nextDouble());
      case 4, 5 -> NODES.stringNode(pick(STRANGE));
      case 6 -> NODES.arrayNode().add(anything(depth + 1)).add(anything(depth + 1));
      default -> NODES.objectNode().set(pick(STRANGE), anything(depth + 1));
    };
  }

  /** The text of a parameter, one that answers have told if there is any. */
  private String text(String name, JsonNode schema) {
    List<String> told = known.getOrDefault(name, List.of());
    if (!told.isEmpty() && !oneOf(5)) return told.get(random.nextInt(told.size()));
    List<String> samples = SAMPLES.getOrDefault(name, List.of());
    if (!samples.isEmpty() && (name.equals("wait") || !oneOf(5))) return pick(samples);
    JsonNode value = value(schema, 0);
    return value.isString() ? value.stringValue() : value.toString();
  }

  /** A value as the schema says. */
  private JsonNode value(JsonNode reference, int depth) {
    JsonNode schema = ApiContract.DOCUMENT.resolved(reference);
    JsonNode values = schema.path("enum");
    if (!values.isEmpty()) return values.get(random.nextInt(values.size()));
    return switch (type(schema)) {
      case "object" -> object(schema, depth);
      case "array" -> array(schema, depth);
      case "integer" -> NODES.numberNode(integer(schema));
      case "boolean" -> NODES.booleanNode(random.nextBoolean());
      case "null" -> NODES.nullNode();
      default -> NODES.stringNode(string(schema));
    };
  }

  private String type(JsonNode schema) {
    JsonNode type = schema.path("type");
    if (type.isArray()) return type.get(random.nextInt(type.size())).stringValue();
    return type.asString("string");
  }

  private ObjectNode object(JsonNode schema, int depth) {
    ObjectNode object = NODES.objectNode();
    var required = schema.path("required").valueStream().map(JsonNode::stringValue).toList();
    for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
      if (required.contains(property.getKey()) || oneOf(2)) {
        object.set(property.getKey(), value(property.getValue(), depth + 1));
      }
    }
    return object;
  }

  private ArrayNode array(JsonNode schema, int depth) {
    ArrayNode array = NODES.arrayNode();
    int size = schema.path("minItems").asInt(0) + random.nextInt(3);
    for (int i = 0; i < size; i++) array.add(value(schema.get("items"), depth + 1));
    return array;
  }

  private long integer(JsonNode schema) {
    long least = schema.path("minimum").asLong(Long.MIN_VALUE);
    long most = schema.path("maximum").asLong(Long.MAX_VALUE);
    return switch (random.nextInt(4)) {
      case 0 -> least;
      case 1 -> most;
      default -> Math.min(most, Math.max(least, 0) + random.nextInt(100));
    };
  }

  private String string(JsonNode schema) {
    String format = schema.path("format").asString("");
    if (format.equals("uuid")) return new UUID(random.nextLong(), random.nextLong()).toString();
    if (format.equals("date-time")) {
      return Instant.ofEpochMilli(random.nextLong(4_000_000_000_000L)).toString();
    }
    // The only pattern that a request has is that of a replay's topic; few of them are made.
    if (schema.has("pattern")) return "imports.replay.generated-" + random.nextInt(3);
    int least = schema.path("minLength").asInt(0);
    int most = Math.min(schema.path("maxLength").asInt(40), 2000);
    String text = oneOf(3) ? pick(STRANGE) : "salesforce".substring(random.nextInt(8));
    if (text.length() < least) text = "s".repeat(least);
    return text.length() > most ? text.substring(0, most) : text;
  }

  /** Remembers what an answer tells, for the next requests to ask about. */
  public void learn(String target, String answer) {
    try {
      JsonNode told = JSON.readTree(answer);
      if (told.isArray() && !told.isEmpty()) told = told.get(0);
      if (told.path("id").isString()) {
        String id = told.get("id").stringValue();
        if (target.startsWith("/imports")) remember("import_id", id);
        // Only keys that were made by these requests: the others let the requests in.
        if (told.has("key")) remember("key_id", id);
        if (target.startsWith("/admin/replays")) remember("replay_id", id);
      }
      if (told.has("position")) remember("position", told.get("position").asString());
    } catch (JacksonException e) {
      // It tells nothing.
    }
  }

  private void remember(String name, String value) {
    List<String> values = known.computeIfAbsent(name, _ -> new CopyOnWriteArrayList<>());
    if (values.size() < MOST_KNOWN && !values.contains(value)) values.add(value);
  }

  private String strange() {
    return pick(STRANGE);
  }

  private boolean oneOf(int times) {
    return random.nextInt(times) == 0;
  }

  private <T> T pick(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** What is no header of HTTP cannot be sent. */
  private static void addHeader(List<String> headers, String name, String value) {
    String sendable = value.replaceAll("[^ -~]", "").strip();
    headers.add(name);
    headers.add(sendable);
  }
}
