package com.sdragent.imports.standalone;

import static com.sdragent.imports.standalone.RunningService.LIMITED;
import static com.sdragent.imports.standalone.RunningService.LIMITED_TOGETHER;
import static com.sdragent.imports.standalone.RunningService.OPERATOR_KEY;
import static com.sdragent.imports.standalone.RunningService.bean;
import static com.sdragent.imports.standalone.RunningService.json;
import static com.sdragent.imports.standalone.RunningService.newKeyOf;
import static com.sdragent.imports.standalone.RunningService.request;
import static com.sdragent.imports.standalone.RunningService.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sdragent.imports.access.limits.LimitProperties;
import com.sdragent.imports.access.limits.LimitProperties.Limit;
import com.sdragent.imports.access.limits.RequestLimits;
import com.sdragent.imports.access.limits.RequestLimits.Kind;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.datasource.AbstractDataSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** How many requests a key and an organization may make. */
@Timeout(60)
class LimitsIT {
  private static final String ALL = "imports:read,imports:write,imports:audit,admin";
  private static final Limit NONE = new Limit(0L, Duration.ofMinutes(1));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /imports/",
        "GET /imports/summary",
        "GET /events?limit=1",
        "GET /api-keys",
        "GET /audit",
        "GET /admin/audit",
        "GET /nowhere"
      })
  void a_key_that_has_no_request_left_gets_429_on_every_route(String route) {
    String key = newKeyOf(LIMITED, ALL.split(","));
    String path = route.substring(4);
    for (int left = 1; left >= 0; left--) {
      HttpResponse<String> allowed = ask(key, path);
      assertThat(allowed.statusCode()).isNotEqualTo(429);
      assertThat(allowed.headers().firstValue("RateLimit-Policy")).contains("\"key\";q=2;w=3600");
      assertThat(allowed.headers().firstValue("RateLimit").orElse(""))
          .startsWith("\"key\";r=" + left + ";t=");
    }
    HttpResponse<String> refused = ask(key, path);
    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(json(refused).get("detail").stringValue()).contains("The key has no requests left");
    assertThat(refused.headers().firstValue("RateLimit").orElse("")).startsWith("\"key\";r=0;t=");
    assertThat(refused.headers().firstValueAsLong("Retry-After").orElse(0)).isBetween(1L, 1800L);
    assertThat(refused.headers().firstValue("X-Request-Id")).isPresent();
    assertThat(send(request("GET", path).header("X-API-Key", key + "x")).statusCode())
        .isEqualTo(401);
  }

  @Test
  void a_stream_is_one_request_and_the_limit_s_own_problem_has_a_code() {
    String key = newKeyOf(LIMITED, ALL.split(","));
    for (int i = 0; i < 2; i++) {
      try (var stream =
          send(
                  request("GET", "/events")
                      .header("X-API-Key", key)
                      .header("Accept", "text/event-stream"),
                  BodyHandlers.ofInputStream())
              .body()) {
        assertThat(stream.read()).isPositive();
      } catch (IOException e) {
        throw new IllegalStateException("No stream", e);
      }
    }
    HttpResponse<String> refused =
        send(
            request("GET", "/events")
                .header("X-API-Key", key)
                .header("Accept", "application/problem+json"));
    assertThat(json(refused).get("code").stringValue()).isEqualTo("too_many_requests");
  }

  @Test
  void a_request_over_the_limit_is_answered_before_its_body_is_read() throws IOException {
    String key = newKeyOf(LIMITED, ALL.split(","));
    for (int i = 0; i < 2; i++) ask(key, "/imports/");
    String header =
        "POST /imports/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + "Content-Length: 100\r\nExpect: 100-continue\r\nX-API-Key: ";
    try (var connection = new RawConnection(RunningService.port())) {
      connection.send(header + key + "\r\nConnection: close\r\n\r\n");
      assertThat(connection.readAll()).startsWith("HTTP/1.1 429 ");
    }
  }

  @Test
  void keys_of_an_organization_have_its_requests_together_and_others_have_theirs() {
    String first = newKeyOf(LIMITED_TOGETHER, "imports:read");
    String second = newKeyOf(LIMITED_TOGETHER, "imports:read");
    assertThat(ask(first, "/imports/").statusCode()).isEqualTo(200);
    assertThat(ask(second, "/imports/").statusCode()).isEqualTo(200);
    HttpResponse<String> refused = ask(first, "/imports/");
    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(refused.body()).contains("The organization has no requests left");
    HttpResponse<String> unlimited = RunningService.ask("GET", "/imports/?limit=1");
    assertThat(unlimited.statusCode()).isEqualTo(200);
    assertThat(unlimited.headers().firstValue("RateLimit")).isEmpty();
    assertThat(ask(OPERATOR_KEY, "/admin/audit?limit=1").statusCode()).isEqualTo(200);
  }

  /** Each has a lot of a hundredth in hand at most. */
  @Test
  void nodes_that_count_together_let_no_more_through_than_one_and_hardly_less() {
    var first = shared(new Limit(300L, Duration.ofHours(1)), bean(DataSource.class));
    var second = shared(new Limit(300L, Duration.ofHours(1)), bean(DataSource.class));
    UUID organization = UUID.randomUUID();
    var allowed = new AtomicInteger();
    try (var clients = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 800; i++) {
        RequestLimits node = i % 2 == 0 ? first.limits() : second.limits();
        clients.execute(
            () -> {
              if (node.ask(organization, Kind.KEY, "KeyKeyKeyKey").refusedBy() == null) {
                allowed.incrementAndGet();
              }
            });
      }
    }
    // While one begins, PostgreSQL may take longer than a request waits for it.
    int alone = (int) (first.unshared() + second.unshared());
    assertThat(allowed.get()).isBetween(300 - 2 * 3, 300 + alone);
    assertThat(alone).isLessThan(300);
  }

  @Test
  void clients_that_go_on_over_their_limit_get_what_comes_back_and_no_more() {
    var limit = new Limit(1000L, Duration.ofSeconds(1));
    List<Node> nodes =
        List.of(shared(limit, bean(DataSource.class)), shared(limit, bean(DataSource.class)));
    UUID organization = UUID.randomUUID();
    var allowed = new AtomicInteger();
    long begun = System.nanoTime();
    try (var clients = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 400; i++) {
        RequestLimits node = nodes.get(i % 2).limits();
        clients.execute(
            () -> {
              for (int n = 0; n < 50; n++) {
                if (node.ask(organization, Kind.KEY, "KeyKeyKeyKey").refusedBy() == null) {
                  allowed.incrementAndGet();
                }
              }
            });
      }
    }
    double seconds = (System.nanoTime() - begun) / 1e9;
    int alone = (int) (nodes.get(0).unshared() + nodes.get(1).unshared());
    assertThat(allowed.get()).isBetween(980, (int) (1000 * (1 + seconds)) + 1 + alone);
    assertThat(alone).isLessThan(2000);
  }

  @Test
  void a_request_is_counted_by_its_own_node_while_postgresql_refuses_or_hangs() throws Exception {
    var database = new Switched();
    var node = shared(new Limit(2L, Duration.ofHours(1)), database);
    UUID organization = UUID.randomUUID();
    try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      for (int port : List.of(silent.getLocalPort(), 1)) {
        database.target =
            new DriverManagerDataSource("jdbc:postgresql://127.0.0.1:" + port + "/imports");
        String caller = "caller of " + port;
        assertThat(
                IntStream.range(0, 3)
                    .mapToObj(_ -> node.limits().ask(organization, Kind.TOKEN, caller).refusedBy()))
            .containsExactly(null, null, "key");
      }
    }
    assertThat(node.unshared()).isEqualTo(6);
    database.target = bean(DataSource.class);
    await()
        .until(
            () -> {
              double before = node.unshared();
              node.limits().ask(organization, Kind.TOKEN, UUID.randomUUID().toString());
              return node.unshared() == before;
            });
  }

  @Test
  void rows_of_buckets_that_are_full_again_are_removed_and_no_others() {
    RunningService.owner()
        .update(
            "insert into request_quota values ('full', 1, 1, 1, 0, '2000-01-01'), ('kept', 1, 1, 1,"
                + " 0, '2100-01-01')");
    var node = shared(new Limit(2L, Duration.ofHours(1)), bean(DataSource.class));
    assertThat(node.limits().ask(UUID.randomUUID(), Kind.TOKEN, "sweeps").refusedBy()).isNull();
    await()
        .untilAsserted(
            () -> assertThat(rows("id like '% sweeps' or id in ('full', 'kept')")).isEqualTo(2));
    assertThat(rows("id = 'full'")).isZero();
    assertThat(rows("id like '% sweeps' and remaining < most")).isOne();
  }

  private static int rows(String which) {
    return RunningService.owner()
        .queryForList("select id from request_quota where " + which)
        .size();
  }

  private static final class Switched extends AbstractDataSource {
    private volatile DataSource target = new DriverManagerDataSource();

    @Override
    public Connection getConnection() throws SQLException {
      return target.getConnection();
    }

    @Override
    public Connection getConnection(String user, String password) throws SQLException {
      return target.getConnection(user, password);
    }
  }

  private record Node(RequestLimits limits, SimpleMeterRegistry meters) {
    double unshared() {
      return meters.get("imports.access.limits.unshared").counter().count();
    }
  }

  private static Node shared(Limit perKey, DataSource database) {
    var meters = new SimpleMeterRegistry();
    var properties = new LimitProperties(perKey, NONE, List.of(), List.of(), true);
    return new Node(new RequestLimits(properties, database, meters), meters);
  }

  private static HttpResponse<String> ask(String key, String path) {
    return send(request("GET", path).header("X-API-Key", key));
  }
}
