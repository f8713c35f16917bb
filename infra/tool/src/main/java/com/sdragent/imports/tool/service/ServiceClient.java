package com.sdragent.imports.tool.service;

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
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Asks the service, and tells in one line why it did not answer as hoped. */
final class ServiceClient implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration CONNECT_WITHIN = Duration.ofSeconds(10);
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(60);
  private static final Set<Integer> UNAVAILABLE = Set.of(502, 503, 504);
  private static final Pattern NEXT = Pattern.compile("<([^>]+)>; *rel=\"next\"");

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(CONNECT_WITHIN).build();
  private final URI service;
  private final String apiKey;

  ServiceClient(ServiceOptions options) {
    String address = options.service().toString();
    service = URI.create(address.endsWith("/") ? address : address + "/");
    apiKey = options.apiKey();
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
      throw new ServiceUnavailableException("The service at " + service + " does not answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted", e);
    }
    int status = response.statusCode();
    if (status >= 300) {
      String message = "The service says " + status + ": " + detail(response);
      if (UNAVAILABLE.contains(status)) throw new ServiceUnavailableException(message, null);
      throw new IOException(message);
    }
    Matcher next = NEXT.matcher(response.headers().firstValue("Link").orElse(""));
    return new Page(
        JSON.readTree(response.body()), next.find() ? address.resolve(next.group(1)) : null);
  }

  private static String detail(HttpResponse<String> response) {
    try {
      JsonNode detail = JSON.readTree(response.body()).get("detail");
      if (detail != null && detail.isString()) return detail.stringValue();
    } catch (tools.jackson.core.JacksonException e) {
      // The body is not one of this service.
    }
    return "(no reason)";
  }

  @Override
  public void close() {
    http.close();
  }
}
