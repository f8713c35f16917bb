package com.sdragent.imports.access;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpRequest;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.client.ClientHttpRequestExecution;
import org.springframework.http.client.ClientHttpRequestInterceptor;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.web.client.RestOperations;
import org.springframework.web.client.RestTemplate;

/**
 * Asks the issuer of tokens for its documents, each at most once in a while. A token may name any
 * key, so tokens that name unknown ones must not cause a request each: until it is time to ask
 * again, what came last is the answer, a failure included. While the issuer is away, a document of
 * the last hour still counts, so that tokens of known keys are not refused; whoever needs it while
 * the issuer hangs waits for two seconds at most.
 */
final class IssuerDocuments implements ClientHttpRequestInterceptor {
  /** A failure is tried again after this long at the latest, as {@code Retry-After} promises. */
  private static final Duration FAILURES_LAST = Duration.ofSeconds(1);

  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final Duration GOOD_FOR = Duration.ofHours(1);

  /**
   * @param document what was read at this time, on the clock of {@link System#nanoTime}
   * @param until the issuer is not asked before
   */
  private record Outcome(
      @Nullable Document document, @Nullable IOException failure, long readAt, long until) {
    boolean isGood() {
      return document != null
          && !document.isError()
          && System.nanoTime() - readAt < GOOD_FOR.toNanos();
    }
  }

  private final Map<URI, Outcome> outcomes = new ConcurrentHashMap<>();
  private final Duration interval;
  private final Timer answered;
  private final Timer failed;

  /**
   * @param interval how long an answer is given again before the issuer is asked once more
   */
  IssuerDocuments(Duration interval, MeterRegistry meters) {
    this.interval = interval;
    answered = times("answered", meters);
    failed = times("failed", meters);
  }

  private static Timer times(String outcome, MeterRegistry meters) {
    return Timer.builder("imports.access.issuer")
        .description("Time of a request to the issuer of tokens")
        .tag("outcome", outcome)
        .register(meters);
  }

  /** Requests that wait for two seconds at most, each kind at most once in the interval. */
  static RestOperations requests(Duration interval, MeterRegistry meters) {
    var client = new JdkClientHttpRequestFactory(newClient());
    client.setReadTimeout(PATIENCE);
    var requests = new RestTemplate(client);
    requests.getInterceptors().add(new IssuerDocuments(interval, meters));
    return requests;
  }

  private static HttpClient newClient() {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .followRedirects(HttpClient.Redirect.NORMAL)
        .connectTimeout(PATIENCE)
        .build();
  }

  @Override
  public ClientHttpResponse intercept(
      HttpRequest request, byte[] body, ClientHttpRequestExecution execution) throws IOException {
    Outcome outcome =
        outcomes.compute(
            request.getURI(),
            (_, last) ->
                last != null && System.nanoTime() - last.until() < 0
                    ? last
                    : next(last, ask(request, body, execution)));
    if (outcome.document() != null) return outcome.document();
    throw new IOException("The issuer does not answer", outcome.failure());
  }

  private Outcome ask(HttpRequest request, byte[] body, ClientHttpRequestExecution execution) {
    long begun = System.nanoTime();
    try (ClientHttpResponse response = execution.execute(request, body)) {
      var document = new Document(response);
      Timer times = document.isError() ? failed : answered;
      times.record(System.nanoTime() - begun, TimeUnit.NANOSECONDS);
      return new Outcome(
          document, null, System.nanoTime(), in(document.isError() ? shorter() : interval));
    } catch (IOException e) {
      failed.record(System.nanoTime() - begun, TimeUnit.NANOSECONDS);
      return new Outcome(null, e, System.nanoTime(), in(shorter()));
    }
  }

  private Outcome next(@Nullable Outcome last, Outcome asked) {
    if (asked.isGood() || last == null || !last.isGood()) return asked;
    return new Outcome(last.document(), null, last.readAt(), asked.until());
  }

  private Duration shorter() {
    return interval.compareTo(FAILURES_LAST) < 0 ? interval : FAILURES_LAST;
  }

  private static long in(Duration time) {
    return System.nanoTime() + time.toNanos();
  }

  /** An answer that can be read again. */
  private static final class Document implements ClientHttpResponse {
    private final HttpStatusCode status;
    private final HttpHeaders headers;
    private final byte[] body;

    private Document(ClientHttpResponse response) throws IOException {
      status = response.getStatusCode();
      headers = response.getHeaders();
      body = response.getBody().readAllBytes();
    }

    boolean isError() {
      return status.isError();
    }

    @Override
    public HttpStatusCode getStatusCode() {
      return status;
    }

    @Override
    public String getStatusText() {
      return "";
    }

    @Override
    public HttpHeaders getHeaders() {
      return headers;
    }

    @Override
    public InputStream getBody() {
      return new ByteArrayInputStream(body);
    }

    @Override
    public void close() {
      // Nothing is held.
    }
  }
}
