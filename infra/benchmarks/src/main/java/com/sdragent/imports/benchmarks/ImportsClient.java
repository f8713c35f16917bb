package com.sdragent.imports.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpMessage;
import org.apache.hc.core5.http.ParseException;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A client of one organization that knows only the published document. */
public final class ImportsClient implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int ANSWER_SECONDS = 30;

  private final CloseableHttpClient http;
  private final String credential;
  private final String header;

  /**
   * An answer.
   *
   * @param status the HTTP status
   * @param body the text that came with it
   * @param headers that came with it, by their names in small letters; of lists and of requests
   *     with a key only
   */
  public record Answer(int status, String body, Map<String, String> headers) {
    public JsonNode json() {
      return JSON.readTree(body);
    }
  }

  /** Makes a client with as many connections as threads that use it. */
  public ImportsClient(String apiKey, int threads) {
    this("X-API-Key", apiKey, threads);
  }

  /** A client that shows a bearer token instead of a key. */
  public static ImportsClient withToken(String token, int threads) {
    return new ImportsClient("Authorization", "Bearer " + token, threads);
  }

  private ImportsClient(String header, String credential, int threads) {
    this.header = header;
    this.credential = credential;
    var connections =
        PoolingHttpClientConnectionManagerBuilder.create()
            .setMaxConnPerRoute(threads)
            .setMaxConnTotal(threads * 8)
            .setDefaultConnectionConfig(
                ConnectionConfig.custom()
                    .setConnectTimeout(5, TimeUnit.SECONDS)
                    .setSocketTimeout(ANSWER_SECONDS, TimeUnit.SECONDS)
                    .build())
            .build();
    http =
        HttpClients.custom()
            .setConnectionManager(connections)
            .setDefaultRequestConfig(
                RequestConfig.custom().setResponseTimeout(ANSWER_SECONDS, TimeUnit.SECONDS).build())
            // A request that is silently sent again would hide or repeat a write.
            .disableAutomaticRetries()
            .disableCookieManagement()
            .disableAuthCaching()
            .disableRedirectHandling()
            .build();
  }

  /**
   * Sends a request with this client's credential and waits for the answer.
   *
   * @throws UncheckedIOException when no answer came, so that the outcome of the request is unknown
   */
  public Answer send(String method, String url, @Nullable String body) {
    return send(method, url, body, null);
  }

  /**
   * Sends a request that may be sent again under this key, and waits for the answer.
   *
   * @throws UncheckedIOException when no answer came, so that it should be sent again
   */
  public Answer send(
      String method, String url, @Nullable String body, @Nullable String idempotencyKey) {
    return send(method, url, body, idempotencyKey, idempotencyKey != null);
  }

  /** Reads a list, whose headers may say what it misses. */
  public Answer list(String url) {
    return send("GET", url, null, null, true);
  }

  private Answer send(
      String method,
      String url,
      @Nullable String body,
      @Nullable String idempotencyKey,
      boolean withHeaders) {
    var request = new HttpUriRequestBase(method, URI.create(url));
    request.setHeader(header, credential);
    if (idempotencyKey != null) request.setHeader("Idempotency-Key", idempotencyKey);
    if (body != null) request.setEntity(new StringEntity(body, ContentType.APPLICATION_JSON));
    try {
      return http.execute(
          request,
          response -> {
            try {
              return new Answer(
                  response.getCode(),
                  EntityUtils.toString(response.getEntity()),
                  withHeaders ? headers(response) : Map.of());
            } catch (ParseException e) {
              throw new IOException(e);
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, String> headers(HttpMessage response) {
    var headers = new HashMap<String, String>();
    for (Header header : response.getHeaders()) {
      headers.put(header.getName().toLowerCase(Locale.ROOT), header.getValue());
    }
    return headers;
  }

  @Override
  public void close() {
    try {
      http.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
