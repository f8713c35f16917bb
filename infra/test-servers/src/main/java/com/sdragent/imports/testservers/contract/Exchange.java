package com.sdragent.imports.testservers.contract;

import java.net.URLDecoder;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Flow;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A request and its answer.
 *
 * @param target path and query, as they were sent
 * @param sent the request's body; null when there was none or it is not known
 * @param body the answer's; null when it is not known, as that of a stream
 */
public record Exchange(
    String method,
    String target,
    HttpHeaders requestHeaders,
    @Nullable String sent,
    int status,
    HttpHeaders headers,
    @Nullable String body) {
  private static final Pattern REQUEST_LINE =
      Pattern.compile("([A-Z]+) ((?:/|http)\\S*) HTTP/1\\.1\r\n");
  private static final Pattern STATUS_LINE =
      Pattern.compile("HTTP/1\\.1 ([2-5][0-9]{2})[^\r]*\r\n");

  static Exchange of(HttpRequest request, HttpResponse<?> response) {
    String query = request.uri().getRawQuery();
    return new Exchange(
        request.method(),
        request.uri().getRawPath() + (query == null ? "" : "?" + query),
        request.headers(),
        request
            .bodyPublisher()
            .filter(body -> body.contentLength() > 0)
            .map(Exchange::text)
            .orElse(null),
        response.statusCode(),
        response.headers(),
        response.body() instanceof String text ? text : null);
  }

  /**
   * What was sent and read on a connection, or its first exchange, without the request's headers.
   *
   * @return null when there is no final answer, or the request is for no address of the service
   */
  static @Nullable Exchange read(String request, String answer) {
    Matcher asked = REQUEST_LINE.matcher(request);
    Matcher answered = STATUS_LINE.matcher(answer);
    if (!asked.lookingAt() || !answered.lookingAt()) return null;
    int end = answer.indexOf("\r\n\r\n");
    var headers = new LinkedHashMap<String, List<String>>();
    for (String line : answer.substring(answered.end(), end).split("\r\n", -1)) {
      String[] header = line.split(":", 2);
      headers.computeIfAbsent(header[0], _ -> new ArrayList<>()).add(header[1].strip());
    }
    HttpHeaders read = HttpHeaders.of(headers, (_, _) -> true);
    byte[] rest = answer.substring(end + 4).getBytes(StandardCharsets.UTF_8);
    int length = (int) read.firstValueAsLong("Content-Length").orElse(-1);
    boolean whole = length >= 0 && length <= rest.length;
    return new Exchange(
        asked.group(1),
        asked.group(2).replaceFirst("^https?://[^/]*", ""),
        HttpHeaders.of(Map.of(), (_, _) -> true),
        null,
        Integer.parseInt(answered.group(1)),
        read,
        whole ? new String(rest, 0, length, StandardCharsets.UTF_8) : null);
  }

  private static String text(HttpRequest.BodyPublisher body) {
    var whole = BodySubscribers.ofString(StandardCharsets.UTF_8);
    body.subscribe(
        new Flow.Subscriber<ByteBuffer>() {
          @Override
          public void onSubscribe(Flow.Subscription subscription) {
            whole.onSubscribe(subscription);
          }

          @Override
          public void onNext(ByteBuffer part) {
            whole.onNext(List.of(part));
          }

          @Override
          public void onError(Throwable thrown) {
            whole.onError(thrown);
          }

          @Override
          public void onComplete() {
            whole.onComplete();
          }
        });
    return whole.getBody().toCompletableFuture().join();
  }

  String path() {
    return target.split("\\?", 2)[0];
  }

  /** The parameters of the query, decoded. */
  Map<String, List<String>> query() {
    var parameters = new LinkedHashMap<String, List<String>>();
    String[] parts = target.split("\\?", 2);
    if (parts.length < 2) return parameters;
    for (String parameter : parts[1].split("&", -1)) {
      String[] pair = parameter.split("=", 2);
      parameters
          .computeIfAbsent(decoded(pair[0]), _ -> new ArrayList<>())
          .add(pair.length < 2 ? "" : decoded(pair[1]));
    }
    return parameters;
  }

  static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  /** The media type of these headers, without parameters; empty when there is none. */
  static String mediaType(HttpHeaders headers) {
    return headers.firstValue("Content-Type").orElse("").split(";", 2)[0].strip();
  }

  @Override
  public String toString() {
    return "%s %s %s\n%s %s\n%s"
        .formatted(method, target, sent == null ? "" : sent, status, headers.map(), body);
  }
}
