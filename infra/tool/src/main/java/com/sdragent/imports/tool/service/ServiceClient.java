package com.sdragent.imports.tool.service;

import com.sdragent.imports.tool.terminal.CannotLookException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Asks the service, and tells in one line why it did not answer as hoped. */
final class ServiceClient implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration CONNECT_WITHIN = Duration.ofSeconds(10);
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(60);
  private static final Set<Integer> UNAVAILABLE = Set.of(502, 503, 504);
  private static final String NO_SUCH_ADDRESS = "There is nothing at this address";
  private static final Pattern NEXT = Pattern.compile("<([^>]+)>; *rel=\"next\"");

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(CONNECT_WITHIN).build();
  private final URI service;
  private final String apiKey;

  ServiceClient(URI address, String apiKey) {
    String text = address.toString();
    service = text.endsWith("/") ? address : URI.create(text + "/");
    this.apiKey = apiKey;
  }

  /** An answer and the address of the next page, if there is one. */
  record Page(JsonNode body, @Nullable URI next) {}

  /** An address of the service. */
  URI at(String path) {
    return service.resolve(path);
  }

  /**
   * Sends a request and waits for the answer.
   *
   * @throws ServiceUnavailableException when there is no answer, or one that the service, or what
   *     stands before it, cannot serve now
   * @throws IOException when the answer is another error
   */
  Page ask(String method, URI address) throws IOException {
    return ask(method, address, null);
  }

  /**
   * Sends JSON and waits for the answer.
   *
   * @throws IOException as above
   */
  Page ask(String method, URI address, @Nullable JsonNode body) throws IOException {
    var request =
        HttpRequest.newBuilder(address)
            .timeout(ANSWER_WITHIN)
            .header("X-API-Key", apiKey)
            .header("Accept", "application/json")
            .method(
                method,
                body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body.toString()));
    if (body != null) request.header("Content-Type", "application/json");
    HttpResponse<String> response;
    try {
      response = http.send(request.build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new ServiceUnavailableException(
          "The service at "
              + service
              + " does not answer: start it, or say by --service where it is",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted", e);
    }
    int status = response.statusCode();
    JsonNode answer = read(response);
    if (status >= 300) {
      String message = "The service says " + status + ": " + reason(status, answer);
      if (UNAVAILABLE.contains(status)) throw new ServiceUnavailableException(message, null);
      throw new CannotLookException(message);
    }
    if (answer == null) {
      throw new CannotLookException(
          "What answers at "
              + service
              + " is not the imports service: correct --service (or IMPORTS_SERVICE)");
    }
    Matcher next = NEXT.matcher(response.headers().firstValue("Link").orElse(""));
    return new Page(answer, next.find() ? address.resolve(next.group(1)) : null);
  }

  private static @Nullable JsonNode read(HttpResponse<String> response) {
    try {
      return JSON.readTree(response.body());
    } catch (JacksonException e) {
      return null; // It is of something else, such as a proxy.
    }
  }

  private String reason(int status, @Nullable JsonNode answer) {
    JsonNode detail = answer == null ? null : answer.get("detail");
    if (detail == null || !detail.isString()) {
      return "(no reason), so this may not be the imports service: look at --service, " + service;
    }
    String text = detail.stringValue();
    return switch (status) {
      case 401 -> text + ": correct --api-key or IMPORTS_API_KEY";
      case 403 -> text + ": use another --api-key (or IMPORTS_API_KEY)";
      case 404, 405 ->
          text.equals(NO_SUCH_ADDRESS) || status == 405
              ? text
                  + ": the service is older than this tool, or --service names its other side"
                  + " ('replay' asks the command side, 'rebuild' and 'history' the query side)"
              : text;
      default -> text;
    };
  }

  @Override
  public void close() {
    http.close();
  }
}
