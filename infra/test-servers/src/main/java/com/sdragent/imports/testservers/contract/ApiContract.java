package com.sdragent.imports.testservers.contract;

import com.networknt.schema.Error;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Holds what is said over HTTP against the API's document: an answer has a status, headers, a media
 * type and a body that the document has for its operation, and what was done was a valid request.
 */
public final class ApiContract {
  /**
   * Reads whatever the service reads: it takes numbers of any length where it does not look at
   * them.
   */
  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNumberLength(Integer.MAX_VALUE).build())
                  .build())
          .build();

  static final OpenApiDocument DOCUMENT = new OpenApiDocument();
  private static final List<DocumentedOperation> OPERATIONS = DocumentedOperation.allOf(DOCUMENT);

  /** Beginnings of addresses that are no part of the API. */
  private static final List<String> OUTSIDE =
      List.of("/actuator", "/v3/api-docs", "/swagger-ui", "/openapi.", "/asyncapi.", "/console");

  /** What the document's introduction says of any request, whichever operation it is for. */
  private static final Set<Integer> OF_ANY = Set.of(406, 408, 414, 417, 431, 501, 505);

  /** What the document's introduction says of an address that the API does not have. */
  private static final Set<Integer> OF_NO_OPERATION = Set.of(400, 401, 403, 404, 405, 421, 429);

  /**
   * Headers that say nothing of the API, or that the document's introduction gives to all answers.
   */
  private static final Set<String> USUAL =
      Set.of(
          "access-control-allow-headers",
          "access-control-allow-methods",
          "access-control-allow-origin",
          "access-control-expose-headers",
          "access-control-max-age",
          "allow",
          "cache-control",
          "connection",
          "content-length",
          "content-type",
          "date",
          "expires",
          "keep-alive",
          "pragma",
          "preference-applied",
          "ratelimit",
          "ratelimit-policy",
          "strict-transport-security",
          "transfer-encoding",
          "vary",
          "x-accel-buffering",
          "x-content-type-options",
          "x-frame-options",
          "x-request-id",
          "x-xss-protection");

  private ApiContract() {}

  /**
   * Holds an answer against the document.
   *
   * @throws AssertionError when it is not as the document says
   */
  public static void assertKept(HttpRequest request, HttpResponse<?> response) {
    assertKept(Exchange.of(request, response));
  }

  /**
   * Holds an answer against the document.
   *
   * @throws AssertionError when it is not as the document says
   */
  public static void assertKept(Exchange exchange) {
    fail(exchange, errors(exchange));
  }

  private static void fail(Exchange exchange, List<String> errors) {
    if (!errors.isEmpty()) {
      throw new AssertionError("Not as openapi.yaml says: " + errors + "\n" + exchange);
    }
  }

  /** What in this exchange is not as the document says; empty when all is. */
  public static List<String> errors(Exchange exchange) {
    return errors(exchange, true);
  }

  private static List<String> errors(Exchange exchange, boolean requestToo) {
    if (OUTSIDE.stream().anyMatch(exchange.path()::startsWith)) return List.of();
    if (exchange.path().equals("/") && List.of("GET", "HEAD").contains(exchange.method()))
      return List.of();
    var errors = new ArrayList<String>();
    if (exchange.headers().firstValue("X-Request-Id").isEmpty()) errors.add("no X-Request-Id");
    List<DocumentedOperation> here = DocumentedOperation.at(OPERATIONS, exchange.path());
    DocumentedOperation operation = operation(here, exchange.method());
    if (operation == null) {
      noOperation(exchange, here, errors);
    } else {
      JsonNode response =
          DOCUMENT.resolved(operation.operation().get("responses").path("" + exchange.status()));
      if (!response.isMissingNode()) {
        response(exchange, response, errors);
      } else if (OF_ANY.contains(exchange.status()) || isOfAnother(exchange, here, operation)) {
        error(exchange, errors);
      } else {
        errors.add(operation + " has no answer " + exchange.status());
      }
      if (requestToo && exchange.status() < 400) request(exchange, operation, errors);
    }
    return errors;
  }

  /** An address that the document has as it stands is none of a template, whatever its methods. */
  private static boolean isOfAnother(
      Exchange exchange, List<DocumentedOperation> here, DocumentedOperation operation) {
    return exchange.status() == 405
        && here.getFirst().pathNames().isEmpty()
        && !operation.pathNames().isEmpty();
  }

  /**
   * Holds an answer against the document, as it was read from a connection.
   *
   * @param request its first line at least; it is not held against the document
   * @throws AssertionError when it is not as the document says
   */
  public static void assertAnswerKept(String request, String answer) {
    Exchange exchange = Exchange.read(request, answer);
    if (exchange != null) fail(exchange, errors(exchange, false));
  }

  /** The id of the operation that a request is for; null when the document has none. */
  public static @Nullable String operationId(String method, String target) {
    String path = target.split("\\?", 2)[0];
    DocumentedOperation operation = operation(DocumentedOperation.at(OPERATIONS, path), method);
    return operation == null ? null : operation.operation().get("operationId").stringValue();
  }

  /**
   * Holds an event of a stream against the document.
   *
   * @param name {@code message} for one without a name
   * @throws AssertionError when it is not as the document says
   */
  public static void assertEventKept(String name, String data) {
    JsonNode schemas =
        DOCUMENT.root().at("/paths/~1events/get/responses/200/content/text~1event-stream");
    JsonNode schema = schemas.path("x-events").path(name);
    if (schema.isMissingNode()) throw new AssertionError("There is no event " + name);
    List<Error> errors = DOCUMENT.errors(schema, JSON.readTree(data));
    if (!errors.isEmpty()) throw new AssertionError(errors + " in " + data);
  }

  private static @Nullable DocumentedOperation operation(
      List<DocumentedOperation> here, String method) {
    for (String wanted : method.equals("HEAD") ? List.of("HEAD", "GET") : List.of(method)) {
      for (DocumentedOperation one : here) if (one.method().equals(wanted)) return one;
    }
    return null;
  }

  private static void noOperation(
      Exchange exchange, List<DocumentedOperation> here, List<String> errors) {
    if (exchange.method().equals("OPTIONS") && exchange.status() == 200) {
      var allowed = new TreeSet<String>();
      // A preflight tells it in a header of its own.
      for (String header : List.of("Allow", "Access-Control-Allow-Methods")) {
        exchange
            .headers()
            .allValues(header)
            .forEach(line -> allowed.addAll(List.of(line.split(", ?", -1))));
      }
      here.stream()
          .map(DocumentedOperation::method)
          .filter(one -> !allowed.contains(one))
          .forEach(one -> errors.add("OPTIONS does not allow " + one));
      return;
    }
    if (!OF_NO_OPERATION.contains(exchange.status()) && !OF_ANY.contains(exchange.status())) {
      errors.add("there is no such operation, so it cannot be answered " + exchange.status());
    }
    if (exchange.status() == 405 && exchange.headers().firstValue("Allow").isEmpty()) {
      errors.add("405 without Allow");
    }
    error(exchange, errors);
  }

  private static void error(Exchange exchange, List<String> errors) {
    body(exchange, DOCUMENT.root().at("/components/responses/Error/content"), errors);
  }

  private static void response(Exchange exchange, JsonNode response, List<String> errors) {
    for (Map.Entry<String, JsonNode> entry : response.path("headers").properties()) {
      JsonNode header = DOCUMENT.resolved(entry.getValue());
      List<String> values = exchange.headers().allValues(entry.getKey());
      if (values.isEmpty() && header.path("required").asBoolean()) {
        errors.add("no header " + entry.getKey());
      }
      for (String value : values) {
        add(errors, "header " + entry.getKey(), DOCUMENT.errors(header.get("schema"), value));
      }
    }
    Set<String> documented =
        response.path("headers").propertyNames().stream()
            .map(name -> name.toLowerCase(Locale.ROOT))
            .collect(Collectors.toSet());
    for (String name : exchange.headers().map().keySet()) {
      String lower = name.toLowerCase(Locale.ROOT);
      if (!documented.contains(lower) && !USUAL.contains(lower)) errors.add("header " + name);
    }
    body(exchange, response.path("content"), errors);
  }

  private static void body(Exchange exchange, JsonNode content, List<String> errors) {
    String body = exchange.body();
    if (content.isEmpty() || exchange.method().equals("HEAD")) {
      if (body != null && !body.isEmpty()) errors.add("a body");
      return;
    }
    JsonNode type = content.path(Exchange.mediaType(exchange.headers()));
    if (type.isMissingNode()) {
      errors.add("media type " + exchange.headers().firstValue("Content-Type").orElse("none"));
    } else if (body != null) {
      json(body, Exchange.mediaType(exchange.headers()), type.get("schema"), "body", errors);
    }
  }

  private static void json(
      String text, String type, JsonNode schema, String what, List<String> errors) {
    if (!type.endsWith("json")) return;
    try {
      add(errors, what, DOCUMENT.errors(schema, JSON.readTree(text)));
    } catch (JacksonException e) {
      errors.add(what + " is no JSON: " + e.getOriginalMessage());
    }
  }

  /** What was done must have been asked for as the document says. */
  private static void request(
      Exchange exchange, DocumentedOperation operation, List<String> errors) {
    Matcher path = operation.path().matcher(exchange.path());
    boolean _ = path.matches();
    Map<String, List<String>> query = exchange.query();
    for (JsonNode parameter : operation.parameters()) {
      String name = parameter.get("name").stringValue();
      List<String> values =
          switch (parameter.get("in").stringValue()) {
            case "path" ->
                List.of(Exchange.decoded(path.group(operation.pathNames().indexOf(name) + 1)));
            case "query" -> query.getOrDefault(name, List.of());
            default -> exchange.requestHeaders().allValues(name);
          };
      if (values.isEmpty() && parameter.path("required").asBoolean()) {
        errors.add("done without the parameter " + name);
      }
      for (String value : values) {
        add(errors, "done with " + name, DOCUMENT.errors(parameter.get("schema"), value));
      }
    }
    JsonNode body = operation.operation().path("requestBody");
    String sent = exchange.sent();
    // Nobody reads a body where the document has none.
    if (body.isMissingNode()) return;
    if (sent == null) {
      if (body.path("required").asBoolean()) errors.add("done without a body");
      return;
    }
    HttpHeaders headers = exchange.requestHeaders();
    JsonNode type = body.path("content").path(Exchange.mediaType(headers).toLowerCase(Locale.ROOT));
    if (type.isMissingNode()) {
      errors.add("done with a body of " + Exchange.mediaType(headers));
    } else {
      json(sent, Exchange.mediaType(headers), type.get("schema"), "done with a body", errors);
    }
  }

  private static void add(List<String> errors, String what, List<Error> found) {
    for (Error one : found) errors.add(what + ": " + one);
  }
}
