package com.sdragent.imports.query.reads;

import static com.sdragent.imports.query.QueryService.ORGANIZATION;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sdragent.imports.eventstore.sessions.VisibleRows;
import com.sdragent.imports.query.QueryService;
import com.sdragent.imports.testservers.CrashablePostgres;
import com.sdragent.imports.testservers.TestPostgres;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** A node whose requests read from a replica sees all that was written before they came. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ReplicaIT {
  private CrashablePostgres primary;
  private CrashablePostgres replica;
  private @Nullable CrashablePostgres successor;
  private int successorPort;
  private JdbcTemplate onReplica;
  private QueryService node;

  @BeforeAll
  void start() {
    primary = CrashablePostgres.start();
    replica = primary.standby(0);
    successorPort = freePort();
    onReplica = sql(replica);
    // The driver takes whichever can be written to.
    String url =
        "jdbc:postgresql://localhost:%s,localhost:%s/imports"
            .formatted(primary.port(), successorPort);
    node =
        new QueryService(
            primary.database(),
            "--spring.datasource.url=" + url,
            "--imports.query.read-from=replica",
            "--imports.query.replica.url=" + replica.database().jdbcUrl());
  }

  @AfterAll
  void stop() {
    node.close();
    if (successor != null) successor.close();
    replica.close();
    primary.close();
  }

  @Test
  void whatever_was_written_is_read_at_once_from_the_replica() {
    for (int i = 0; i < 20; i++) {
      UUID id = UUID.randomUUID();
      node.create(id);
      for (String path : List.of("/imports/" + id, "/imports/" + id + "/events")) {
        assertThat(node.ask("GET", path).statusCode()).as(path).isEqualTo(200);
      }
      HttpResponse<String> list = node.ask("GET", "/imports/?limit=1000");
      assertThat(list.headers().firstValue("X-Projection-Lag")).isEmpty();
      assertThat(list.body()).contains(id.toString());
      node.append(id, 1, "ImportDeleted", 1, deleted(id));
      assertThat(node.ask("GET", "/imports/" + id).statusCode()).isEqualTo(404);
      assertThat(node.ask("GET", "/imports/?limit=1000").body()).doesNotContain(id.toString());
    }
    assertThat(readsOf(replica)).isPositive();
    assertThat(readsOf(primary)).isZero();
  }

  @Test
  void what_a_paused_replica_lacks_is_503_and_read_once_it_goes_on() {
    UUID known = UUID.randomUUID();
    UUID later = UUID.randomUUID();
    node.create(known);
    assertThat(node.ask("GET", "/imports/" + known).statusCode()).isEqualTo(200);
    pauseReplay();
    try {
      node.create(later);
      node.append(known, 1, "ImportDeleted", 1, deleted(known));
      var asked =
          Stream.of(
                  "/imports/" + later,
                  "/imports/" + known,
                  "/imports/",
                  "/imports/summary",
                  "/imports/" + later + "/events",
                  "/events?limit=10",
                  "/imports/?as_of=2030-01-01T00:00:00Z")
              .map(this::asked)
              .toList();
      for (CompletableFuture<HttpResponse<String>> one : asked) {
        HttpResponse<String> answer = one.join();
        assertThat(answer.statusCode()).as(answer.request().uri().toString()).isEqualTo(503);
        assertThat(answer.headers().firstValue("Retry-After")).isPresent();
      }
      double waits = waits();
      CompletableFuture<HttpResponse<String>> waiting = asked("/imports/" + later);
      await().until(() -> waits() > waits);
      onReplica.execute("select pg_wal_replay_resume()");
      assertThat(waiting.join().statusCode()).isIn(200, 503);
    } finally {
      onReplica.execute("select pg_wal_replay_resume()");
    }
    await().until(() -> node.ask("GET", "/imports/" + later).statusCode() == 200);
    assertThat(node.ask("GET", "/imports/" + known).statusCode()).isEqualTo(404);
    assertThat(node.ask("GET", "/imports/").body()).contains(later.toString());
  }

  @Test
  void a_statement_that_replay_cancels_is_tried_again() {
    onReplica.execute("alter system set max_standby_streaming_delay = 0");
    onReplica.execute("select pg_reload_conf()");
    double before = waits();
    CompletableFuture<List<Integer>> read =
        CompletableFuture.supplyAsync(
            () ->
                node.bean(VisibleRows.class)
                    .query(
                        ORGANIZATION,
                        "select count(*)::int from visible_import_0, pg_sleep(0.7)",
                        (row, _) -> row.getInt(1)));
    // One of both is the session that looks.
    await()
        .pollInterval(Duration.ofMillis(10))
        .until(() -> sessions("query like '%pg_sleep%' and state = 'active'") > 1);
    node.store().execute("begin; lock table import_row_0, visible_import_0; commit");
    assertThat(read.join()).hasSize(1);
    assertThat(waits()).isGreaterThan(before);
  }

  @Test
  @Tag("soak")
  @Order(Integer.MAX_VALUE - 2)
  void a_replica_that_crashes_is_503_and_read_again_when_it_is_back() {
    UUID id = UUID.randomUUID();
    node.create(id);
    replica.crash();
    assertThat(node.ask("GET", "/imports/" + id).statusCode()).isEqualTo(503);
    assertThat(node.ask("GET", "/actuator/health/readiness").statusCode()).isEqualTo(503);
    replica.restart();
    await().until(() -> node.ask("GET", "/imports/" + id).statusCode() == 200);
  }

  @Test
  @Order(Integer.MAX_VALUE - 1)
  void a_replica_that_was_promoted_beside_the_primary_answers_nothing() {
    UUID id = UUID.randomUUID();
    node.create(id);
    assertThat(node.ask("GET", "/imports/" + id).statusCode()).isEqualTo(200);
    replica.promote();
    node.append(id, 1, "ImportDeleted", 1, deleted(id));
    var asked = Stream.of("/imports/" + id, "/imports/").map(this::asked).toList();
    for (CompletableFuture<HttpResponse<String>> one : asked) {
      HttpResponse<String> answer = one.join();
      assertThat(answer.statusCode()).as(answer.request().uri().toString()).isEqualTo(503);
      assertThat(answer.body()).contains("does not follow the primary of this store");
    }
  }

  @Test
  @Tag("soak")
  @Order(Integer.MAX_VALUE)
  void a_replica_of_a_primary_that_was_given_up_answers_nothing() {
    // The one before was promoted.
    int port = replica.port();
    replica.close();
    replica = primary.standby(port);
    UUID kept = UUID.randomUUID();
    UUID lost = UUID.randomUUID();
    node.create(kept);
    CrashablePostgres next = primary.standby(successorPort);
    successor = next;
    await().until(() -> has(next, kept));
    next.stop();
    node.create(lost);
    // The replica is then further in its log than the successor will be for long.
    node.store().execute("select pg_logical_emit_message(false, 'a test', repeat('x', 1000000))");
    node.store().execute("checkpoint");
    await().until(() -> has(replica, lost));
    assertThat(node.ask("GET", "/imports/" + lost).statusCode()).isEqualTo(200);
    primary.crash();
    next.restart();
    next.promote();
    JdbcTemplate store = sql(next);
    await().until(() -> Objects.equals(count(store, "select count(*) from store_timeline"), 2L));

    // It has all that the new primary has, and more than that.
    for (UUID id : List.of(kept, lost)) {
      HttpResponse<String> answer = node.ask("GET", "/imports/" + id);
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.body()).contains("does not follow the primary of this store");
    }
    assertThat(node.ask("GET", "/imports/").statusCode()).isEqualTo(503);
  }

  private static int freePort() {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JdbcTemplate sql(CrashablePostgres server) {
    TestPostgres.Database database = server.database();
    return new JdbcTemplate(
        new DriverManagerDataSource(database.jdbcUrl(), database.username(), database.password()));
  }

  private static boolean has(CrashablePostgres server, UUID id) {
    Long events =
        sql(server)
            .queryForObject(
                "select count(*) from domain_event where aggregate_id = ?", Long.class, id);
    return Objects.equals(events, 1L);
  }

  private static Long count(JdbcTemplate sql, String select) {
    return Objects.requireNonNull(sql.queryForObject(select, Long.class));
  }

  /** How many sessions that read for requests a server has. */
  private static long readsOf(CrashablePostgres server) {
    return count(
        sql(server),
        "select count(*) from pg_stat_activity where usename = '"
            + TestPostgres.READS_USERNAME
            + "'");
  }

  private long sessions(String condition) {
    return count(onReplica, "select count(*) from pg_stat_activity where " + condition);
  }

  private void pauseReplay() {
    onReplica.execute("select pg_wal_replay_pause()");
    await()
        .until(
            () ->
                "paused"
                    .equals(
                        onReplica.queryForObject(
                            "select pg_get_wal_replay_pause_state()", String.class)));
  }

  private double waits() {
    return node.bean(MeterRegistry.class).get("imports.reads.replica.waits").counter().count();
  }

  private CompletableFuture<HttpResponse<String>> asked(String path) {
    return CompletableFuture.supplyAsync(
        () -> node.ask("GET", path), task -> Thread.ofVirtual().start(task));
  }

  private static String deleted(UUID id) {
    return """
    {"import_id": "%s", "org_id": "%s", "occurred_at": "2024-10-06T12:00:01Z"}
    """
        .formatted(id, ORGANIZATION);
  }
}
