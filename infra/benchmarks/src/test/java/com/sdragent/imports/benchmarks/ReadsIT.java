package com.sdragent.imports.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.benchmarks.ImportsClient.Answer;
import com.sdragent.imports.testservers.ServiceProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads on nodes that did not write, while projectors die and the read model is rebuilt. The clocks
 * of the nodes are five seconds apart.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ReadsIT {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String AUDITOR = "sk_of_an_auditor";
  private static final String OPERATOR = "sk_of_an_operator";
  private static final int CLIENTS = 8;
  private static final Duration APART = Duration.ofSeconds(5);

  private Cluster cluster;
  private ImportsClient client;
  private ImportsClient operator;
  private HttpClient http;

  @BeforeAll
  void start() {
    cluster = new Cluster(0, 0, keys());
    cluster.commandNodes.add(cluster.startCommandSide(APART.multipliedBy(2)));
    for (int i = 0; i < 3; i++) cluster.queryNodes.add(startQuerySide(i));
    cluster.commandNodes.forEach(ServiceProcess::awaitReady);
    cluster.queryNodes.forEach(ServiceProcess::awaitReady);
    client = new ImportsClient(Cluster.KEY, CLIENTS);
    operator = new ImportsClient(OPERATOR, 1);
    http = HttpClient.newHttpClient();
  }

  /** The first is woken by notifications or not at all. */
  private ServiceProcess startQuerySide(int number) {
    var settings = new HashMap<String, String>();
    settings.put(
        "spring.datasource.hikari.data-source-properties.ApplicationName", "query-" + number);
    if (number == 0) settings.put("imports.query.look-again", "1m");
    return cluster.startQuerySide(APART.multipliedBy(1 - number), settings);
  }

  @AfterAll
  void stop() {
    http.close();
    operator.close();
    client.close();
    cluster.close();
  }

  @Test
  void no_client_reads_a_stale_answer_while_projectors_die_and_rebuilds_run() throws Exception {
    staleReads(120, Duration.ofSeconds(1), Duration.ZERO);
  }

  @Test
  @Tag("soak")
  void ten_thousand_loops_read_no_stale_answer() throws Exception {
    staleReads(10_000, null, Duration.ZERO);
  }

  @Test
  @Tag("soak")
  void ten_thousand_loops_read_no_stale_answer_while_projectors_die_and_rebuilds_run()
      throws Exception {
    // Clients that pause leave a killed node the processor that it needs to come back.
    int killed = staleReads(10_000, Duration.ofSeconds(10), Duration.ofMillis(300));
    assertThat(killed).isGreaterThanOrEqualTo(20);
  }

  /**
   * Clients read from two query nodes; a third, which takes its turns of projecting, is killed now
   * and then, while one rebuild follows the other.
   *
   * @return how often it was killed
   */
  private int staleReads(int loops, @Nullable Duration killEvery, Duration pause) throws Exception {
    Instant written = Instant.parse(create(0).get("created_at").stringValue());
    assertThat(written).isAfter(Instant.now().plus(APART));
    for (int i = 0; i < 100; i++) create(i);
    var done = new AtomicBoolean();
    var kills = new AtomicInteger();
    var rebuilds = new AtomicInteger();
    CompletableFuture<Void> disturbing =
        killEvery == null
            ? CompletableFuture.completedFuture(null)
            : CompletableFuture.runAsync(
                () -> disturb(killEvery, done, kills, rebuilds), Thread::startVirtualThread);
    long begun = System.nanoTime();
    try {
      Clients.act(
          CLIENTS,
          number -> {
            for (int i = 0; i < loops / CLIENTS; i++) {
              loop(number + i);
              LockSupport.parkNanos(pause.toNanos());
            }
            return number;
          });
    } finally {
      done.set(true);
    }
    double seconds = (System.nanoTime() - begun) / 1e9;
    disturbing.get();
    if (killEvery != null) {
      JsonNode last = awaitRebuild();
      assertThat(last.get("state").stringValue()).as(last.toString()).isEqualTo("completed");
      assertThat(last.get("differences").intValue()).as(last.toString()).isZero();
      assertThat(rebuilds.get()).isPositive();
    }
    cluster.audit().assertReadModelEqualsFold();
    System.out.printf(
        "%,d loops over two query nodes, clocks %s s apart, in %.1f s: none stale, %s rebuilds, %s"
            + " projectors killed%n",
        loops, APART.toSeconds(), seconds, rebuilds.get(), kills.get());
    return kills.get();
  }

  private void disturb(
      Duration killEvery, AtomicBoolean done, AtomicInteger kills, AtomicInteger rebuilds) {
    long next = System.nanoTime() + killEvery.toNanos();
    while (!done.get()) {
      Answer rebuild = operator.send("POST", rebuild(), null);
      assertThat(rebuild.status()).isIn(202, 409);
      if (rebuild.status() == 202) rebuilds.incrementAndGet();
      if (System.nanoTime() > next) {
        restart(2);
        kills.incrementAndGet();
        next += killEvery.toNanos();
      }
      LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
    }
  }

  private void restart(int number) {
    cluster.queryNodes.get(number).kill();
    cluster.queryNodes.set(number, startQuerySide(number).awaitReady());
  }

  /** The last one: whoever it kills need not be started again. */
  @Test
  @Order(Integer.MAX_VALUE)
  void a_projector_that_is_killed_amid_a_batch_is_succeeded_within_a_second() throws Exception {
    // Whoever takes this batch is slow about it; who comes after is not.
    sql(
        """
        create sequence slow_turns;
        create function slow_once() returns trigger language plpgsql as $$
        begin
          if new.source = 'slow' and nextval('slow_turns') = 1 then perform pg_sleep(0.3); end if;
          return new;
        end $$;
        create trigger of_a_test before insert on import_row_0 for each row execute function slow_once();
        create trigger of_a_test before insert on import_row_1 for each row execute function slow_once();
        """);
    Answer created = client.send("POST", cluster.commands(0), "{\"source\":\"slow\"}");
    String[] projecting = {""};
    Audit.await(
        "a batch is under way",
        () -> {
          projecting[0] =
              text(
                  "select coalesce(max(application_name), '') from pg_stat_activity"
                      + " where wait_event = 'PgSleep'");
          return !projecting[0].isEmpty();
        });
    int number = Integer.parseInt(projecting[0].substring("query-".length()));
    cluster.queryNodes.get(number).kill();

    HttpResponse<String> list = list((number + 1) % 3, "?source=slow");
    // It waited until the successor was there: a second is what it waits at most.
    assertThat(list.headers().firstValue("X-Projection-Lag")).isEmpty();
    assertThat(JSON.readTree(list.body()).get(0)).isEqualTo(created.json());
  }

  private HttpResponse<String> list(int node, String query) throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create(cluster.queries(node) + query))
            .header("X-API-Key", Cluster.KEY)
            .build(),
        BodyHandlers.ofString());
  }

  @Test
  void the_feed_brings_every_event_once_and_in_order_to_a_client_cut_off_at_random()
      throws Exception {
    feed(Duration.ofSeconds(1));
  }

  @Test
  @Tag("soak")
  void the_feed_brings_every_event_once_and_in_order_to_a_client_cut_off_for_a_minute()
      throws Exception {
    feed(Duration.ofMinutes(1));
  }

  private void feed(Duration duration) throws Exception {
    long start = head();
    long end = System.nanoTime() + duration.toNanos();
    var written = new AtomicBoolean();
    CompletableFuture<Void> writing =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 0; System.nanoTime() < end; i++) create(i);
              written.set(true);
            },
            Thread::startVirtualThread);
    var seen = new ArrayList<Long>();
    var random = new Random(20241006);
    long last = start;
    int connections = 0;
    while (!written.get() || last < head()) {
      last = read(cluster.queryNodes.get(connections++ % 2).url(), last, random, seen);
    }
    writing.get();
    assertThat(seen)
        .containsExactlyElementsOf(LongStream.rangeClosed(start + 1, last).boxed().toList());
    System.out.printf(
        "The feed: %,d events over %,d connections, each once and in order%n",
        seen.size(), connections);
  }

  /**
   * Reads until it is cut off after a random number of lines, which may be amid an event.
   *
   * @return the id of the last block that came whole, an event's or a heartbeat's
   */
  private long read(String node, long lastEventId, Random random, List<Long> seen)
      throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create(node + "/events"))
            .header("X-API-Key", AUDITOR)
            .header("Accept", "text/event-stream")
            .header("Last-Event-ID", Long.toString(lastEventId));
    var response = http.send(request.build(), BodyHandlers.ofInputStream());
    assertThat(response.statusCode()).isEqualTo(200);
    long last = lastEventId;
    try (var lines =
        new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
      long id = last;
      boolean data = false;
      boolean silence = false;
      for (int left = random.nextInt(400); left > 0; left--) {
        String line = lines.readLine();
        if (line == null) return last;
        if (line.startsWith("id: ")) id = Long.parseLong(line.substring(4));
        if (line.startsWith("data: ")) {
          assertThat(JSON.readTree(line.substring(6)).get("position").longValue()).isEqualTo(id);
          data = true;
        }
        if (line.startsWith(": ")) silence = true;
        if (!line.isEmpty()) continue;
        last = id;
        if (data) seen.add(id);
        data = false;
        // Everything that was written may have been seen.
        if (silence) return last;
      }
    }
    return last;
  }

  @Test
  void a_long_poll_is_woken_on_a_node_other_than_the_one_that_wrote() throws Exception {
    for (int i = 0; i < 5; i++) {
      String id = create(i).get("id").stringValue();
      String poll = cluster.queries(0) + id + "?wait=60&until=completed,failed";
      CompletableFuture<Answer> answer =
          CompletableFuture.supplyAsync(
              () -> client.send("GET", poll, null), Thread::startVirtualThread);
      Audit.await("the poll is under way", () -> longPolls(0).equals("1.0"));
      client.send("PUT", cluster.commands(0) + id, "{\"status\":\"processing\"}");
      Answer written = client.send("PUT", cluster.commands(0) + id, "{\"status\":\"failed\"}");
      // That node does not look by itself for a minute.
      assertThat(answer.get(10, TimeUnit.SECONDS).json()).isEqualTo(written.json());
    }
  }

  private String longPolls(int node) {
    String metrics =
        client
            .send("GET", cluster.queryNodes.get(node).url() + "/actuator/prometheus", null)
            .body();
    return metrics
        .lines()
        .filter(line -> line.startsWith("imports_reads_long_polls"))
        .map(line -> line.substring(line.lastIndexOf(' ') + 1))
        .findFirst()
        .orElse("");
  }

  private static Map<String, String> keys() {
    var settings = new HashMap<String, String>();
    key(settings, 1, AUDITOR, "imports:audit");
    key(settings, 2, OPERATOR, "operator");
    settings.put("imports.query.feed.heartbeat", "1s");
    return settings;
  }

  private static void key(Map<String, String> settings, int number, String key, String scope) {
    String name = "imports.access.api-keys[" + number + "].";
    settings.put(name + "key", key);
    settings.put(name + "organization", Cluster.ORGANIZATION);
    settings.put(name + "name", scope);
    settings.put(name + "scopes", scope);
  }

  private void loop(int number) {
    // The third node may be dead.
    String queries = cluster.queries(number % 2);
    String other = cluster.queries((number + 1) % 2);
    var campaign = UUID.randomUUID();
    String counted = "source=loop&campaign_id=" + campaign;
    Answer created =
        client.send(
            "POST",
            cluster.commands(0),
            "{\"source\":\"loop\",\"campaign_id\":\""
                + campaign
                + "\",\"total_rows\":"
                + number
                + "}");
    assertThat(created.status()).isEqualTo(201);
    String id = created.json().get("id").stringValue();
    assertThat(client.send("GET", queries + id, null).json()).isEqualTo(created.json());
    assertThat(inList(client.send("GET", other + "?source=loop", null), id))
        .isEqualTo(created.json());
    assertThat(counted(other, counted)).isOne();
    Answer updated = client.send("PUT", cluster.commands(0) + id, "{\"status\":\"completed\"}");
    assertThat(counted(queries, counted + "&status=completed")).isOne();
    assertThat(client.send("GET", other + id, null).json()).isEqualTo(updated.json());
    assertThat(inList(client.send("GET", queries + "?status=completed", null), id))
        .isEqualTo(updated.json());
    assertThat(client.send("DELETE", cluster.commands(0) + id, null).status()).isEqualTo(200);
    assertThat(client.send("GET", queries + id, null).status()).isEqualTo(404);
    assertThat(inList(client.send("GET", other + "?source=loop", null), id)).isNull();
    assertThat(counted(queries, counted)).isZero();
  }

  /** How many imports of this kind and source there are. */
  private long counted(String queries, String filters) {
    Answer answer = client.send("GET", queries + "summary?" + filters, null);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer.json().get("count").longValue();
  }

  private static @Nullable JsonNode inList(Answer list, String id) {
    assertThat(list.status()).as(list.body()).isEqualTo(200);
    for (JsonNode row : list.json()) {
      if (row.get("id").stringValue().equals(id)) return row;
    }
    return null;
  }

  private JsonNode create(int rows) {
    Answer created =
        client.send(
            "POST", cluster.commands(0), "{\"source\":\"csv_upload\",\"total_rows\":" + rows + "}");
    assertThat(created.status()).as(created.body()).isEqualTo(201);
    return created.json();
  }

  private String rebuild() {
    return cluster.queryNodes.getFirst().url() + "/admin/projections/imports/rebuild";
  }

  private JsonNode awaitRebuild() {
    while (true) {
      JsonNode status = operator.send("GET", rebuild(), null).json();
      if (!status.get("state").stringValue().equals("running")) return status;
      LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
    }
  }

  private long head() throws SQLException {
    return Long.parseLong(text("select coalesce(max(position), 0) from domain_event"));
  }

  private String text(String select) throws SQLException {
    try (Connection connection = cluster.database.connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(select)) {
      row.next();
      return row.getString(1);
    }
  }

  private void sql(String statements) throws SQLException {
    try (Connection connection = cluster.database.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(statements);
    }
  }
}
