package com.sdragent.imports.standalone;

import static com.sdragent.imports.standalone.RunningService.JSON;
import static com.sdragent.imports.standalone.RunningService.json;
import static com.sdragent.imports.standalone.RunningService.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.sdragent.imports.access.keys.KeyToken;
import com.sdragent.imports.testservers.CommittedRecords;
import com.sdragent.imports.testservers.CrashablePostgres;
import com.sdragent.imports.testservers.TestKafka;
import com.sdragent.imports.testservers.TestPostgres;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationState;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;
import org.springframework.boot.logging.logback.StructuredLogEncoder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import tools.jackson.databind.JsonNode;

/**
 * What those who run the service look at; on a database that an earlier version left, and whose
 * defaults are not the service's.
 */
@ExtendWith(OutputCaptureExtension.class)
class OperationsIT {
  private static final String REQUESTS = "com.sdragent.imports.requests";
  private static final Duration SOON = Duration.ofSeconds(20);

  private static TraceReceiver collector;
  private static CrashablePostgres server;
  private static ConfigurableApplicationContext service;

  @BeforeAll
  static void start() throws SQLException, IOException {
    collector = new TraceReceiver();
    server = CrashablePostgres.start();
    try (Connection session = server.database().connect();
        Statement statement = session.createStatement()) {
      statement.execute("create database operations");
    }
    TestPostgres.Database main = server.database();
    var database =
        new TestPostgres.Database(
            main.jdbcUrl().replaceFirst("/[^/?]+(\\?|$)", "/operations$1"),
            main.username(),
            main.password());
    KeptDump.restore(database);
    TestPostgres.makeHostile(database);
    service =
        RunningService.start(
            database,
            "operations",
            true,
            "--management.tracing.export.enabled=true",
            "--management.tracing.sampling.probability=0",
            "--management.opentelemetry.tracing.export.otlp.endpoint=" + collector.endpoint(),
            "--management.opentelemetry.tracing.export.schedule-delay=100ms",
            "--imports.web.log-requests=true",
            // A test that wants the lines turns them on.
            "--logging.level." + REQUESTS + "=warn");
  }

  @AfterAll
  static void stop() {
    service.close();
    server.close();
    collector.close();
  }

  @Test
  void a_kept_dump_is_taken_over_and_read() {
    assertThat(service.getBean(Flyway.class).info().all())
        .extracting(MigrationInfo::getState)
        .isSubsetOf(MigrationState.SUCCESS, MigrationState.OUT_OF_ORDER);
    JdbcTemplate pool = service.getBean(JdbcTemplate.class);
    assertThat(pool.queryForList(UNLINKED, Long.class)).isEmpty();

    List<String> imports =
        pool.query(
            "select id from import_view where file_name = 'a.csv'", (row, _) -> row.getString(1));
    assertThat(imports).hasSize(1);
    String path = "/imports/" + imports.getFirst();
    JsonNode read = json(send(request(path).header("X-API-Key", KeptDump.KEY.secretText())));
    assertThat(read.get("status").stringValue()).isEqualTo("completed");
    assertThat(read.get("total_rows").intValue()).isEqualTo(7);
    assertThat(
            json(send(request(path + "/events").header("X-API-Key", RunningService.AUDITOR_KEY))))
        .hasSize(5);
    assertThat(json(get("/admin/projections/imports/parked"))).hasSize(1);
    await().untilAsserted(() -> assertThat(json(get("/admin/publication/parked"))).hasSize(1));
    assertThat(json(get("/admin/projections/imports/rebuild")).get("state").stringValue())
        .isEqualTo("completed");
    if (Browser.isThere()) assertRetriedAndDiscardedInTheConsole();
  }

  /** What could not be published: it fails again, and those behind it go on without it. */
  private static void assertRetriedAndDiscardedInTheConsole() {
    Browser.enter("http://localhost:" + port(), RunningService.OPERATOR_KEY, "#/operate/parked");
    String find =
        "const card = [...document.querySelectorAll('.card')].find(one =>"
            + " one.querySelector('h2')?.innerText === 'Publishing to Kafka'); ";
    Browser.await(find + "return card?.querySelectorAll('tbody tr').length === 1");
    Browser.js(find + "card.querySelector('td button').click()");
    Browser.awaitText("It is published again");
    Browser.click("Retry it");
    Browser.awaitText("Of the import, 0 went through and 1 are still parked.");
    Browser.js(find + "card.querySelector('td button.danger').click()");
    Browser.awaitText("is never published. Its number is missing in ce_importsequence");
    Browser.click("Discard it for good");
    Browser.awaitText("Of the import, 0 went through and 0 are still parked.");
    Browser.await(find + "return card.innerText.includes('Nothing is parked.')");
    assertThat(json(get("/admin/publication/parked"))).isEmpty();
  }

  private static final String UNLINKED =
      """
      select position from (
        select position, hash, domain_event_digest(e) as digest,
               lag(hash, 1, decode(repeat('00', 32), 'hex')) over (order by position) as previous
        from domain_event e) linked
      where hash <> sha256(previous || int8send(position) || digest)
      """;

  @Test
  void metrics_tell_of_requests_appended_events_batches_and_lags() {
    double before = metric("imports_events_appended_total");
    HttpRequest.Builder post =
        request("/imports/")
            .header("X-API-Key", RunningService.KEY)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString("{\"source\":\"s\"}"));
    assertThat(send(post).statusCode()).isEqualTo(201);

    assertThat(metric("imports_events_appended_total")).isGreaterThan(before);
    assertThat(metric("imports_append_batch_size_count")).isPositive();
    assertThat(metric("http_server_requests_seconds_count\\{[^}]*method=\"POST\"[^}]*}"))
        .isPositive();
    await()
        .untilAsserted(
            () -> {
              assertThat(metric("imports_projection_lag_events")).isZero();
              assertThat(metric("imports_projection_lag_seconds")).isZero();
              assertThat(metric("imports_relay_lag_events")).isZero();
              assertThat(metric("imports_relay_lag_seconds")).isZero();
            });
    assertThat(metric("imports_projection_batch_size_count")).isPositive();
  }

  @Test
  void one_trace_leads_from_the_request_to_its_row_and_its_record() {
    String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    String id = newImport("traceparent", "00-" + trace + "-00f067aa0ba902b7-01");
    await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertThat(collector.ofTrace(trace))
                    .extracting(Span::getName)
                    .containsExactlyInAnyOrder(
                        "http post /imports/",
                        "CreateImport",
                        "append",
                        "project imports",
                        "project summary",
                        "publish"));
    Span request = span(trace, "http post /imports/");
    Span command = span(trace, "CreateImport");
    assertThat(TraceReceiver.hex(request.getParentSpanId())).isEqualTo("00f067aa0ba902b7");
    assertThat(command.getParentSpanId()).isEqualTo(request.getSpanId());
    for (String part : List.of("append", "project imports", "project summary", "publish")) {
      assertThat(span(trace, part).getParentSpanId()).as(part).isEqualTo(command.getSpanId());
    }
    await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertThat(collector.linkedTo(trace))
                    .extracting(Span::getName)
                    .containsExactlyInAnyOrder(
                        "append batch", "project batch", "project batch", "publish batch"));

    for (String topic : List.of("operations.events", "operations.state")) {
      ConsumerRecord<String, byte[]> record =
          CommittedRecords.of(TestKafka.bootstrapServers(), topic, 1, SOON).stream()
              .filter(one -> id.equals(one.key()))
              .findFirst()
              .orElseThrow();
      assertThat(header(record, "traceparent"))
          .isEqualTo(traceParent(trace, span(trace, "publish"), "01"));
      if (topic.endsWith("events")) {
        assertThat(header(record, "ce_traceparent")).isEqualTo(traceParent(trace, command, "01"));
      }
    }
  }

  @Test
  void a_request_that_is_not_sampled_leaves_its_trace_in_the_event_and_no_span() {
    String trace = "5bf92f3577b34da6a3ce929d0e0e4736";
    String id = newImport("traceparent", "00-" + trace + "-00f067aa0ba902b7-00");
    assertThat(
            service
                .getBean(JdbcTemplate.class)
                .queryForObject(
                    "select metadata ->> 'traceparent' from domain_event where aggregate_id ="
                        + " ?::uuid",
                    String.class,
                    id))
        .matches("00-" + trace + "-[0-9a-f]{16}-00");
    // What comes later was exported after it would have been.
    String next = "6bf92f3577b34da6a3ce929d0e0e4736";
    newImport("traceparent", "00-" + next + "-00f067aa0ba902b7-01");
    await().atMost(SOON).until(() -> collector.ofTrace(next).size() == 6);
    assertThat(collector.ofTrace(trace)).isEmpty();
    assertThat(collector.linkedTo(trace)).isEmpty();
  }

  private static Span span(String trace, String name) {
    return collector.ofTrace(trace).stream()
        .filter(span -> span.getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static String traceParent(String trace, Span span, String flags) {
    return "00-" + trace + "-" + TraceReceiver.hex(span.getSpanId()) + "-" + flags;
  }

  private static String header(ConsumerRecord<?, ?> record, String name) {
    var header = record.headers().lastHeader(name);
    return header == null ? "none" : new String(header.value(), StandardCharsets.UTF_8);
  }

  @Test
  void each_request_has_a_line_that_names_it_and_its_caller_and_nothing_secret() throws Exception {
    var lines = new ListAppender<ILoggingEvent>();
    lines.start();
    var log = (Logger) LoggerFactory.getLogger(REQUESTS);
    log.addAppender(lines);
    log.setLevel(Level.INFO);
    try {
      newImport("X-Request-Id", "request-of-a-test");
      send(
          request("/imports/?campaign_id=a-name").header("X-API-Key", RunningService.OPERATOR_KEY));
      send(request("/imports/").header("X-API-Key", "sk_that_nobody_knows"));
      try (var malformed = new RawConnection(port())) {
        malformed.send("GET /imports/\"x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        assertThat(malformed.readAll()).startsWith("HTTP/1.1 400");
      }
      await().until(() -> lines.list.size() >= 4);
    } finally {
      log.setLevel(Level.WARN);
      log.detachAppender(lines);
    }
    assertThat(lines.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .satisfiesExactly(
            one -> assertThat(one).matches("POST /imports/ 201 \\d+ B \\d+ ms"),
            one -> assertThat(one).startsWith("GET /imports/ 403 "),
            one -> assertThat(one).startsWith("GET /imports/ 401 "),
            one -> assertThat(one).contains(" 400 "));
    JsonNode line = JSON.readTree(ecs(lines.list.getFirst()));
    assertThat(line.toString())
        .contains("\"request_id\":\"request-of-a-test\"")
        .contains("\"organization\":\"" + DemoAccess.ORGANIZATION + "\"")
        .contains("\"key\":\"key 0\"")
        .contains("\"path\":\"/imports/\"", "\"status\":201", "\"milliseconds\":");
    for (ILoggingEvent event : lines.list) {
      assertThat(new String(ecs(event), StandardCharsets.UTF_8))
          .doesNotContain("a-name", "sk_", "127.0.0.1")
          .contains("request_id");
    }
  }

  /** As Spring Boot writes it with {@code logging.structured.format.console=ecs}. */
  private static byte[] ecs(ILoggingEvent event) {
    var context = new LoggerContext();
    context.putObject(Environment.class.getName(), service.getEnvironment());
    var encoder = new StructuredLogEncoder();
    encoder.setContext(context);
    encoder.setFormat("ecs");
    encoder.start();
    return encoder.encode(event);
  }

  @Test
  void a_node_has_a_name_that_leads_to_its_log_and_metrics_and_tells_no_host(CapturedOutput log)
      throws IOException {
    String name = json(get("/admin/publication")).get("node").stringValue();
    assertThat(name).matches("node-[0-9a-f]{8}");
    assertThat(json(get("/admin/projections")).get("node").stringValue()).isEqualTo(name);
    assertThat(log.getAll()).contains("This process is " + name);
    assertThat(get("/actuator/prometheus").body()).contains("imports_node_info{node=\"" + name);
    String host = InetAddress.getLocalHost().getHostName();
    for (String status : List.of("/admin/publication", "/admin/projections")) {
      assertThat(get(status).body())
          .doesNotContain("\"" + host, "/" + ProcessHandle.current().pid() + "\"");
    }
  }

  @Test
  void info_says_what_runs() {
    JsonNode info = json(get("/actuator/info"));
    assertThat(info.at("/build/version").stringValue()).matches("\\d+\\..*");
    assertThat(info.at("/java/version").stringValue()).startsWith("" + Runtime.version().feature());
    assertThat(info.at("/postgresql/version").stringValue()).matches("\\d+\\..*");
    assertThat(info.at("/kafka/client").stringValue()).matches("\\d+\\..*");
    assertThat(info.at("/kafka/metadata.version").intValue()).isPositive();
    // Sources without a history name no commit.
    if (Files.exists(Path.of("..", "..", ".git"))) {
      assertThat(info.at("/git/commit/id").stringValue()).matches("[0-9a-f]{7,}");
      assertThat(get("/actuator/prometheus").body())
          .contains("commit=\"" + info.at("/git/commit/id").stringValue() + "\"");
    }
  }

  @Test
  void histograms_of_all_nodes_add_up_and_show_who_waited() {
    String id = newImport();
    send(request("/imports/" + id + "?wait=0").header("X-API-Key", RunningService.KEY));
    String scraped = get("/actuator/prometheus").body();
    assertThat(scraped).doesNotContain("quantile=");
    for (String histogram :
        List.of(
            "http_server_requests_seconds",
            "imports_append_seconds",
            "imports_append_batch_duration_seconds",
            "imports_projection_batch_duration_seconds",
            "imports_relay_batch_duration_seconds",
            "imports_reads_wait_seconds",
            "imports_access_look_seconds")) {
      assertThat(buckets(scraped, histogram))
          .as(histogram)
          .containsExactly(
              "0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1.0",
              "2.5", "5.0", "10.0", "+Inf");
    }
    for (String side : List.of("append", "projection", "relay")) {
      assertThat(buckets(scraped, "imports_" + side + "_batch_size"))
          .containsExactly(
              "1.0", "2.0", "5.0", "10.0", "20.0", "50.0", "100.0", "200.0", "500.0", "1000.0",
              "2000.0", "+Inf");
    }
    assertThat(scraped).contains("uri=\"/imports/{id} (wait)\"");
    await()
        .atMost(SOON)
        .until(
            () -> {
              String other = newImport();
              send(request("/imports/" + other).header("X-API-Key", RunningService.KEY));
              return metric("imports_reads_total\\{outcome=\"waited\",projection=\"imports\"\\}")
                  > 0;
            });
    assertThat(metric("imports_reads_total\\{outcome=\"current\",projection=\"imports\"\\}"))
        .isPositive();
  }

  private static Set<String> buckets(String scraped, String histogram) {
    return matches("(?m)^" + histogram + "_bucket\\{.*le=\"([^\"]+)\"", scraped)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  @Test
  void a_database_with_hostile_defaults_changes_nothing_in_an_answer() {
    HttpResponse<String> created =
        send(
            request("/imports/")
                .header("X-API-Key", RunningService.KEY)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"source\":\"it's\\\\'\"}")));
    assertThat(created.statusCode()).isEqualTo(201);
    JsonNode one = json(created);
    assertThat(one.get("source").stringValue()).isEqualTo("it's\\'");
    assertThat(one.get("file_name").isNull()).isTrue();

    String id = one.get("id").stringValue();
    var read = json(send(request("/imports/" + id).header("X-API-Key", RunningService.KEY)));
    assertThat(read).isEqualTo(one);
    assertThat(read.get("created_at").stringValue()).endsWith("Z");
    JsonNode list = json(send(request("/imports/").header("X-API-Key", RunningService.KEY)));
    assertThat(list).contains(one);
  }

  @Test
  void a_statement_of_the_pool_ends_in_postgresql_before_nobody_waits_for_it_any_more() {
    JdbcTemplate pool = service.getBean(JdbcTemplate.class);
    assertThat(pool.queryForObject("show statement_timeout", String.class)).isEqualTo("4750ms");
  }

  @Test
  void the_metrics_are_those_that_are_documented_and_for_operators_alone() throws IOException {
    for (String path :
        List.of(
            "/actuator", "/actuator/info", "/actuator/prometheus", "/actuator/sbom/application")) {
      assertThat(send(request(path)).statusCode()).as(path).isEqualTo(401);
      HttpRequest.Builder client = request(path).header("X-API-Key", RunningService.ADMIN_KEY);
      assertThat(send(client).statusCode()).as(path).isEqualTo(403);
      assertThat(get(path).statusCode()).as(path).isEqualTo(200);
    }
    HttpResponse<String> scraped = get("/actuator/prometheus");
    Set<String> documented = new TreeSet<>();
    Files.readAllLines(Path.of("..", "docs", "operations.md")).stream()
        .dropWhile(line -> !line.startsWith("| metric |"))
        .takeWhile(line -> line.startsWith("|"))
        .flatMap(line -> matches("`(imports_[a-z_]+)`", line.split("\\|", -1)[1]))
        .forEach(documented::add);
    Set<String> published = new TreeSet<>();
    matches("(?m)^# TYPE (imports_[a-z_]+) ", scraped.body())
        .map(name -> name.replaceFirst("_max$", ""))
        .forEach(published::add);
    assertThat(documented).isEqualTo(published);
  }

  @Test
  void the_bill_of_materials_names_both_sides_and_every_library() {
    JsonNode bill = json(get("/actuator/sbom/application"));
    assertThat(bill.get("bomFormat").stringValue()).isEqualTo("CycloneDX");
    assertThat(bill.at("/metadata/component/name").stringValue()).isEqualTo("standalone");
    assertThat(bill.get("components").valueStream().map(part -> part.get("name").stringValue()))
        .contains("command-side", "query-side", "event-store", "axon-eventsourcing", "postgresql")
        .doesNotContain("junit-jupiter");
  }

  private static Stream<String> matches(String pattern, String text) {
    return Pattern.compile(pattern).matcher(text).results().map(match -> match.group(1));
  }

  @Test
  void health_has_a_liveness_and_a_readiness_group_and_tells_of_projection_and_relay() {
    assertThat(json(get("/actuator/health/liveness")).get("status").stringValue()).isEqualTo("UP");
    JsonNode readiness = json(get("/actuator/health/readiness"));
    assertThat(readiness.get("status").stringValue()).isEqualTo("UP");
    assertThat(readiness.get("components").propertyNames())
        .containsExactlyInAnyOrder("readinessState", "db");
    JsonNode components = json(get("/actuator/health")).get("components");
    JsonNode projections = components.get("projection").get("components");
    assertThat(projections.get("imports").get("details").has("position")).isTrue();
    await()
        .untilAsserted(
            () ->
                assertThat(
                        json(get("/actuator/health"))
                            .get("components")
                            .get("relay")
                            .get("details")
                            .get("relay")
                            .stringValue())
                    .isEqualTo("active"));
  }

  @Test
  void health_tells_everybody_whether_and_operators_why() {
    String shown = send(request("/actuator/health")).body();
    assertThat(shown).contains("\"status\":\"UP\"", "\"relay\"", "\"db\"");
    assertThat(shown).doesNotContain("details", "path", "position", "Exception");
    HttpRequest.Builder client =
        request("/actuator/health").header("X-API-Key", RunningService.KEY);
    assertThat(send(client).body()).isEqualTo(shown);
    assertThat(get("/actuator/health").body()).contains("details", "position");
  }

  @Test
  @Timeout(60)
  void an_outage_of_the_database_is_logged_once_and_once_when_it_is_over(CapturedOutput log)
      throws Exception {
    String id = newImport();
    // A list that does not fit into what lies between it and its client.
    rows(
        "insert into import_row_%s select gen_random_uuid(), '"
            + DemoAccess.ORGANIZATION
            + "', null, 'of a test', null, 'pending', n, now(), now(), 0"
            + " from generate_series(1, 5000) n");
    int before = log.getAll().length();
    var refused = new ConcurrentHashMap<String, Integer>();
    var answers = new ConcurrentHashMap<String, String>();
    var done = new AtomicBoolean();
    // What the beginning of an outage cuts off is no news either.
    List<Socket> underWay = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      underWay.add(begun("/events?last=0", RunningService.AUDITOR_KEY, "text/event-stream"));
      underWay.add(begun("/imports/", RunningService.KEY, "application/json"));
    }
    server.crash();
    for (Socket answer : underWay) assertThat(rest(answer)).doesNotContain("}]");
    try (var clients = Executors.newVirtualThreadPerTaskExecutor()) {
      for (String what :
          List.of(
              "GET /imports/",
              "GET /imports/" + id,
              "POST /imports/",
              "PUT /imports/" + id,
              "GET /imports/?limit=5",
              "GET /events",
              "GET /imports/guess",
              "GET /actuator/health")) {
        clients.execute(
            () -> {
              while (!done.get()) {
                HttpResponse<String> answer = send(asked(what));
                if (answer.statusCode() < 500) continue;
                refused.merge(what, 1, Integer::sum);
                answers.put(answer.body(), what);
              }
            });
      }
      try {
        await().atMost(Duration.ofSeconds(30)).until(() -> refused.size() == 8);
      } finally {
        done.set(true);
      }
      // What the restart of the fixture logs is its own.
      String during = log.getAll().substring(before);
      assertThat(during).doesNotContain("\tat ", "Caused by", "HikariPool", "HHH000247");
      // A message may have lines of its own.
      assertThat(during.lines().filter(line -> line.matches("\\d{4}-.*"))).hasSizeLessThan(15);
      server.restart();
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> log.getAll().substring(before).contains("Over after"));
    }
    await().until(() -> get("/actuator/health").statusCode() == 200);
    rows("delete from import_row_%s where source = 'of a test'");
    String logged = log.getAll().substring(before);
    assertThat(logged.lines().filter(line -> line.contains("Outage  ")))
        .as(logged)
        .satisfiesExactly(
            began ->
                assertThat(began)
                    .contains("PostgreSQL does not answer: ")
                    .containsPattern("\\[[0-9a-f-]{36}[^]]*] "),
            ended -> assertThat(ended).contains("Over after "));
    for (String answer : answers.keySet()) {
      assertThat(answer).doesNotContain("Exception", "localhost", "org.", "java", "select ");
    }
  }

  /** Changes the rows that lists show, as their owner. */
  private static void rows(String statement) {
    TestPostgres.Database main = server.database();
    var owner =
        new JdbcTemplate(
            new DriverManagerDataSource(
                main.jdbcUrl().replaceFirst("/[^/?]+(\\?|$)", "/operations$1"),
                main.username(),
                main.password()));
    Integer live =
        owner.queryForObject(
            "select generation % 2 from projection where name = 'imports'", Integer.class);
    owner.update(statement.formatted(live));
  }

  /** A request whose answer has begun, and of which the client takes no more for now. */
  private static Socket begun(String path, String key, String accept) throws IOException {
    var socket = new Socket();
    socket.setReceiveBufferSize(1 << 14);
    socket.setSoTimeout(20_000);
    socket.connect(new InetSocketAddress("localhost", port()));
    socket
        .getOutputStream()
        .write(
            "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-API-Key: %s\r\nAccept: %s\r\n\r\n"
                .formatted(path, key, accept)
                .getBytes(StandardCharsets.US_ASCII));
    String begin = new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
    assertThat(begin).isEqualTo("HTTP/1.1 200");
    return socket;
  }

  /** What of an answer still comes, until it ends or is broken off. */
  private static String rest(Socket answer) throws IOException {
    var rest = new ByteArrayOutputStream();
    try (answer) {
      answer.getInputStream().transferTo(rest);
    } catch (SocketException e) {
      // The service broke the connection.
    }
    return rest.toString(StandardCharsets.UTF_8);
  }

  private static HttpRequest.Builder asked(String what) {
    String method = what.substring(0, what.indexOf(' '));
    String path = what.substring(what.indexOf(' ') + 1);
    String key =
        path.startsWith("/actuator")
            ? RunningService.OPERATOR_KEY
            : path.startsWith("/events")
                ? RunningService.AUDITOR_KEY
                : path.endsWith("guess")
                    ? KeyToken.create("test").secretText()
                    : RunningService.KEY;
    HttpRequest.Builder request = request(path).header("X-API-Key", key);
    return method.equals("GET")
        ? request
        : request
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString("{\"source\":\"s" + System.nanoTime() + "\"}"));
  }

  private static String newImport() {
    return json(send(asked("POST /imports/"))).get("id").stringValue();
  }

  private static String newImport(String header, String value) {
    HttpResponse<String> answer = send(asked("POST /imports/").header(header, value));
    assertThat(answer.statusCode()).isEqualTo(201);
    return json(answer).get("id").stringValue();
  }

  private static double metric(String name) {
    Matcher line =
        Pattern.compile("(?m)^" + name + "(?:\\{[^}]*})? (\\S+)$")
            .matcher(get("/actuator/prometheus").body());
    assertThat(line.find()).as("a metric %s", name).isTrue();
    return Double.parseDouble(line.group(1));
  }

  private static HttpResponse<String> get(String path) {
    return send(request(path).header("X-API-Key", RunningService.OPERATOR_KEY));
  }

  private static HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://localhost:" + port() + path));
  }

  private static int port() {
    return service.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
  }
}
