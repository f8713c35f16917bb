package com.sdragent.imports.query.history;

import static com.sdragent.imports.query.QueryService.OTHER_KEY;
import static com.sdragent.imports.query.QueryService.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.sdragent.imports.access.keys.KeyToken;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.EventLog.ImportOrder;
import com.sdragent.imports.eventstore.EventPart;
import com.sdragent.imports.eventstore.VisibleLog;
import com.sdragent.imports.eventstore.VisibleLog.FeedFilter;
import com.sdragent.imports.eventstore.VisibleLog.FeedPage;
import com.sdragent.imports.query.QueryService;
import com.sdragent.imports.query.imports.ImportFilter;
import com.sdragent.imports.query.web.JsonArrays.Chunk;
import com.sdragent.imports.testservers.EventStream;
import com.sdragent.imports.testservers.QueryPlan;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/** Answers that last or work long: how many there may be, what a look costs, when they end. */
@Timeout(60)
class LongAnswersIT {
  private static final int SEATS = 3;
  private static final int POLLS = 2;
  private static final Duration SOON = Duration.ofSeconds(5);
  private static final String STREAM = "Accept: text/event-stream";
  private static final Instant EVER = Instant.parse("2999-01-01T00:00:00Z");

  /** Streams stay silent and keys are believed for a moment. */
  private static final QueryService node =
      new QueryService(
          "--imports.query.long-answers=" + 2 * SEATS,
          "--imports.query.long-answers-per-organization=" + SEATS,
          "--imports.query.long-polls=" + 2 * POLLS,
          "--imports.query.long-polls-per-organization=" + POLLS,
          "--imports.access.cache-keys-for=300ms");

  private final String key = KeyToken.create("test").secretText();

  @AfterAll
  static void close() {
    node.close();
  }

  @BeforeEach
  void addKey() {
    node.addKey(key);
  }

  @Test
  void an_organization_whose_share_is_taken_gets_503_and_the_others_what_they_ask_for() {
    UUID id = UUID.randomUUID();
    node.create(id);
    List<Socket> streams = Stream.generate(() -> stream(key)).limit(SEATS).toList();
    await().until(() -> count("imports.feed.streams") == SEATS);
    for (String request :
        List.of(
            "GET /imports/?",
            "HEAD /imports/?",
            "GET /imports/?as_of=2999-01-01T00:00:00Z",
            "HEAD /imports/?as_of=2999-01-01T00:00:00Z",
            "GET /imports/" + id + "/events?",
            "GET /events?",
            "GET /admin/projections/imports/parked?")) {
      String method = request.substring(0, request.indexOf(' '));
      String path = request.substring(request.indexOf(' ') + 1);
      HttpResponse<String> refused = node.ask(method, path);
      assertThat(refused.statusCode()).as(request).isEqualTo(503);
      assertThat(refused.headers().firstValue("Retry-After")).isPresent();
      if (method.equals("HEAD")) continue;
      assertThat(refused.body()).contains("Your organization has as many long answers");
      assertThat(node.ask("GET", path + "&limit=1").statusCode()).as(request).isEqualTo(200);
    }
    for (String path : List.of("/imports/", "/imports/?as_of=2999-01-01T00:00:00Z", "/events")) {
      assertThat(node.askAs(OTHER_KEY, "GET", path).statusCode()).isEqualTo(200);
    }
    revoke(streams);
    assertThat(node.ask("GET", "/imports/").statusCode()).isEqualTo(200);
  }

  @Test
  void long_polls_are_bounded_for_each_organization() {
    UUID id = UUID.randomUUID();
    node.create(id);
    List<Socket> polls =
        Stream.generate(() -> node.open(key, "/imports/" + id + "?wait=60")).limit(POLLS).toList();
    await().until(() -> count("imports.reads.long.polls") == POLLS);

    HttpResponse<String> refused = node.ask("GET", "/imports/" + id + "?wait=60");
    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(refused.body()).contains("Your organization has as many long polls");
    for (String query : List.of("", "?wait=0", "?wait=60&until=pending")) {
      assertThat(node.ask("GET", "/imports/" + id + query).statusCode()).isEqualTo(200);
    }
    revoke(polls);
  }

  @Test
  void streams_polls_and_slow_lists_end_when_their_key_is_revoked() throws Exception {
    UUID id = UUID.randomUUID();
    node.create(id);
    node.createAtOnce(5_000, QueryService.ORGANIZATION);
    try (var stream = new EventStream(node.stream(key, "/events?after=" + head()));
        var list = node.open(key, "/imports/")) {
      stream.awaitHeartbeat();
      InputStream rows = list.getInputStream();
      assertThat(new String(rows.readNBytes(1024), StandardCharsets.ISO_8859_1)).contains(" 200");
      CompletableFuture<HttpResponse<String>> poll =
          CompletableFuture.supplyAsync(
              () -> node.askAs(key, "GET", "/imports/" + id + "?wait=20"),
              Thread::startVirtualThread);
      await().until(() -> count("imports.reads.long.polls") == 1);
      node.revokeKey(key);

      await().atMost(SOON).until(() -> count("imports.feed.streams") == 0);
      await().atMost(SOON).until(poll::isDone);
      assertThat(poll.get().statusCode()).isEqualTo(401);
      String rest = new String(rows.readAllBytes(), StandardCharsets.ISO_8859_1);
      // Neither the end of the array nor that of the chunked body.
      assertThat(rest).isNotEmpty().doesNotContain("}]").doesNotEndWith("0\r\n\r\n");
    }
    assertThat(node.ask("GET", "/imports/").body()).endsWith("}]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/events?after=1000000", "/imports/{id}?wait=60", "/imports/"})
  void a_client_that_has_gone_frees_its_seat_within_two_seconds(String path) throws IOException {
    UUID id = UUID.randomUUID();
    node.create(id);
    if (path.equals("/imports/")) node.createAtOnce(5_000, QueryService.ORGANIZATION);
    String gauge =
        path.contains("wait") ? "imports.reads.long.polls" : "imports.reads.long.answers";
    String[] headers = path.startsWith("/events") ? new String[] {STREAM} : new String[0];
    Socket client = node.open(key, path.replace("{id}", id.toString()), headers);
    await().until(() -> count(gauge) == 1);
    client.close();
    await().atMost(Duration.ofSeconds(2)).until(() -> count(gauge) == 0);
  }

  @Test
  void a_long_poll_tells_a_status_that_was_passed_through_between_two_looks() {
    for (String last : List.of("ImportStatusChanged", "ImportDeleted")) {
      UUID id = UUID.randomUUID();
      node.create(id);
      CompletableFuture<HttpResponse<String>> poll =
          CompletableFuture.supplyAsync(
              () -> node.ask("GET", "/imports/" + id + "?wait=15&until=processing"),
              Thread::startVirtualThread);
      await().until(() -> count("imports.reads.long.polls") == 1);
      Instant passed = appendAtOnce(id, last);
      assertThat(poll.join().statusCode()).as(last).isEqualTo(200);
      assertThat(json(poll.join()).get("status").stringValue()).isEqualTo("processing");
      assertThat(json(poll.join()).get("updated_at").stringValue()).isEqualTo(passed.toString());
      assertThat(node.ask("GET", "/imports/" + id + "?wait=0").statusCode())
          .isEqualTo(last.equals("ImportDeleted") ? 404 : 200);
    }
  }

  @Test
  void a_page_of_the_feed_is_one_statement_however_far_apart_the_events_are() throws SQLException {
    UUID id = UUID.randomUUID();
    long first = node.create(id);
    node.createAtOnce(20_000, UUID.randomUUID());
    long last = createAfter(1_000_000);
    node.store().execute("analyze domain_event");

    List<String> statements = statementsOf("/events?limit=10&after=" + (first - 1));
    assertThat(statements).hasSize(1);
    for (String mode : List.of("force_custom_plan", "force_generic_plan")) {
      String plan = plan(statements.getFirst(), mode, first - 1, last);
      // What the policy adds is no way to find rows, and all that is left to look at.
      assertThat(plan)
          .contains("Scan using domain_event_organization", "Filter: (array_position(")
          // The policy's organizations and the head, once a statement.
          .contains("InitPlan 1", "InitPlan 2")
          .doesNotContain("Filter: ((");
    }
    assertThat(statementsOf("/events?after=" + (first - 1))).hasSize(1);
  }

  @Test
  void a_filtered_page_of_the_feed_goes_through_the_organization_s_own_events_alone() {
    UUID id = UUID.randomUUID();
    String page = "/events?limit=10&after=" + (node.create(id) - 1);
    createAfter(1_000_000);
    for (String filter : List.of("type=ImportCreated", "type=ImportDeleted", "import_id=" + id)) {
      assertThat(statementsOf(page + "&" + filter)).as(filter).hasSize(1);
    }
    node.createAtOnce(12_000, QueryService.ORGANIZATION);
    // Of its own, of which there may be millions, some thousands in a look.
    assertThat(statementsOf(page + "&type=ImportDeleted")).hasSize(3);
    assertThat(statementsOf(page + "&import_id=" + id)).hasSize(1);
  }

  @Test
  void an_error_in_a_look_at_the_log_s_end_does_not_end_the_feed() throws IOException {
    JdbcTemplate jdbc = node.bean(JdbcTemplate.class);
    DataSource real = node.bean(DataSource.class);
    var errors = new AtomicInteger(2);
    try (var stream = new EventStream(node.stream(key, "/events?after=" + head()))) {
      stream.awaitHeartbeat();
      jdbc.setDataSource(
          new DelegatingDataSource(real) {
            @Override
            public Connection getConnection() throws SQLException {
              if (Thread.currentThread().getName().equals("feed tail")
                  && errors.getAndDecrement() > 0) {
                throw new StackOverflowError("of a test");
              }
              return super.getConnection();
            }
          });
      UUID id = UUID.randomUUID();
      node.create(id);
      assertThat(stream.next().data()).contains(id.toString());
      assertThat(errors).hasNonPositiveValue();
    } finally {
      jdbc.setDataSource(real);
      node.revokeKey(key);
    }
    await().until(() -> count("imports.feed.streams") == 0);
  }

  @Test
  void a_look_at_the_past_ends_although_nothing_passed_the_filter_and_the_next_goes_on() {
    int imports = 1_000;
    int eventsOfOne = 2_500;
    node.createAtOnce(imports, QueryService.ORGANIZATION);
    UUID id = UUID.randomUUID();
    long first = node.create(id);
    node.store()
        .update(
            """
            insert into domain_event (position, aggregate_id, sequence_number, event_id, event_type, revision,
                                      organization, occurred_at, payload, metadata)
            select e.position + n, e.aggregate_id, n, gen_random_uuid(), 'ImportStatusChanged', 1, e.organization,
                   e.occurred_at + n * interval '1 second',
                   json_build_object('import_id', e.aggregate_id, 'org_id', e.organization, 'from', 'pending',
                     'to', 'failed', 'occurred_at', '2024-10-07T00:00:00Z'), '{}'
            from domain_event e, generate_series(1, ?) n where e.position = ?
            """,
            eventsOfOne,
            first);
    var list =
        new ListAsOf(
            node.bean(VisibleLog.class),
            new ImportFilter(QueryService.ORGANIZATION, null, null, "needle", null, null, null),
            EVER,
            null);
    List<Active> shown = new ArrayList<>();
    Chunk<Active> look = list.next(3);
    int looks = 1;
    for (; !look.isLast(); looks++) {
      look = list.next(3);
      shown.addAll(look.elements());
    }
    // Walks of 200 creations, and the events of one of them in their own looks.
    assertThat(looks).isGreaterThan(imports / 200 + eventsOfOne / 1000);
    assertThat(shown).isEmpty();
  }

  @Test
  void what_is_long_comes_in_more_looks_and_a_slow_reader_of_it_takes_more_seats()
      throws IOException {
    int imports = 300;
    long before = head();
    node.createAtOnce(imports, QueryService.OTHER_ORGANIZATION, "x".repeat(1024));
    // The rows are written here: another test may have moved an event under the projection's feet.
    node.store()
        .update(
            "insert into import_row_%s select gen_random_uuid(), ?, null, 'long', ?, 'pending', n,"
                    .formatted(
                        node.store()
                            .queryForObject(
                                "select generation % 2 from projection where name = 'imports'",
                                Integer.class))
                + " now(), now(), 0 from generate_series(1, ?) n",
            QueryService.OTHER_ORGANIZATION,
            "x".repeat(1024),
            imports);
    String rows = "/imports/?source=long";
    for (String path : List.of(rows, "/events", "/events?limit=1000")) {
      assertThat(json(node.askAs(OTHER_KEY, "GET", path))).as(path).hasSize(imports);
    }
    var filter = new FeedFilter(QueryService.OTHER_ORGANIZATION, null, null);
    FeedPage page = node.bean(VisibleLog.class).feed(filter, before, Long.MAX_VALUE, imports);
    assertThat(page.events()).hasSizeBetween(imports / 2, imports - 1);
    assertThat(page.through()).isEqualTo(page.events().getLast().position());

    try (var _ = node.open(OTHER_KEY, rows + "&limit=1000")) {
      await().until(() -> count("imports.reads.long.answers") == 2);
      HttpResponse<String> other = node.askAs(OTHER_KEY, "GET", rows + "&limit=1000");
      assertThat(other.statusCode()).isEqualTo(503);
      assertThat(other.body()).contains("Your organization has as many long answers");
    }
    await().atMost(SOON).until(() -> count("imports.reads.long.answers") == 0);
  }

  @Test
  void long_events_of_an_import_come_in_more_looks_for_its_history_and_a_rebuild() {
    int changes = 250;
    UUID first = new UUID(0, 1);
    node.store()
        .update(
            """
            insert into domain_event (position, aggregate_id, sequence_number, event_id, event_type, revision,
                                      organization, occurred_at, payload, metadata)
            select position + n, aggregate_id, n, gen_random_uuid(), 'ImportDetailsChanged', 1, organization,
                   occurred_at + n * interval '1 second',
                   json_build_object('import_id', aggregate_id, 'org_id', organization, 'source', 'csv',
                     'source_label', null, 'file_name', repeat('x', 4000), 'total_rows', n,
                     'occurred_at', '2024-10-06T12:00:00Z'), '{}'
            from domain_event, generate_series(1, ?) n where position = ?
            """,
            changes,
            node.create(first));
    node.store().execute("notify domain_event");
    assertThat(json(node.ask("GET", "/imports/" + first + "/events"))).hasSize(1 + changes);
    assertThat(json(node.ask("GET", "/imports/" + first + "/events?limit=200"))).hasSize(200);
    EventPart history =
        node.bean(VisibleLog.class).partOfImport(QueryService.ORGANIZATION, first, 0, changes);
    EventPart rebuild =
        node.bean(EventLog.class).inImportOrder(ImportOrder.START, Long.MAX_VALUE, changes);
    for (EventPart part : List.of(history, rebuild)) {
      assertThat(part.isLast()).isFalse();
      assertThat(part.events()).hasSizeBetween(changes / 8, changes / 2);
    }
  }

  private static Socket stream(String key) {
    return node.open(key, "/events?after=" + head(), STREAM);
  }

  private void revoke(List<Socket> waiting) {
    node.revokeKey(key);
    await()
        .atMost(SOON)
        .until(() -> count("imports.feed.streams") + count("imports.reads.long.polls") == 0);
    for (Socket socket : waiting) {
      try {
        socket.close();
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static int count(String gauge) {
    return (int) node.bean(MeterRegistry.class).get(gauge).gauge().value();
  }

  private static long head() {
    return node.bean(EventLog.class).head();
  }

  /** Creates an import as if others had written so many events before. */
  private static long createAfter(int positions) {
    long position = node.create(UUID.randomUUID());
    node.store()
        .update(
            "update domain_event set position = position + ? where position = ?",
            positions,
            position);
    return position + positions;
  }

  /**
   * Brings an import to processing and on, in one transaction.
   *
   * @return when it came to processing
   */
  private static Instant appendAtOnce(UUID id, String last) {
    node.store()
        .update(
            """
            insert into domain_event (position, aggregate_id, sequence_number, event_id, event_type, revision,
                                      organization, occurred_at, payload, metadata)
            select head + n, id, n, gen_random_uuid(), case n when 1 then 'ImportStatusChanged' else ? end, 1, o,
                   timestamptz '2024-10-06 12:00:00Z' + n * interval '1 second',
                   json_build_object('import_id', id, 'org_id', o, 'from', 'pending',
                     'to', case n when 1 then 'processing' else 'completed' end,
                     'occurred_at', '2024-10-06T12:00:0' || n || 'Z'), '{}'
            from (select n, ?::uuid as id, ?::uuid as o,
                         (select max(position) from domain_event) as head
                  from generate_series(1, 2) n) one
            """,
            last,
            id,
            QueryService.ORGANIZATION);
    node.store().execute("notify domain_event");
    return Instant.parse("2024-10-06T12:00:01Z");
  }

  /** What a request sends to PostgreSQL by JDBC. */
  private static List<String> statementsOf(String path) {
    String request = UUID.randomUUID().toString();
    var sent =
        new ListAppender<ILoggingEvent>() {
          @Override
          protected void append(ILoggingEvent event) {
            event.prepareForDeferredProcessing();
            super.append(event);
          }
        };
    Logger log = (Logger) LoggerFactory.getLogger(JdbcTemplate.class);
    Level level = log.getLevel();
    sent.start();
    log.setLevel(Level.DEBUG);
    log.setAdditive(false);
    log.addAppender(sent);
    try {
      assertThat(node.ask("GET", path, "X-Request-Id", request).statusCode()).isEqualTo(200);
    } finally {
      log.detachAppender(sent);
      log.setAdditive(true);
      log.setLevel(level);
    }
    Pattern statement = Pattern.compile("Executing prepared SQL statement \\[(.*)]");
    return List.copyOf(sent.list).stream()
        .filter(event -> request.equals(event.getMDCPropertyMap().get("request_id")))
        .map(event -> statement.matcher(event.getFormattedMessage()))
        .filter(Matcher::matches)
        .map(matcher -> matcher.group(1))
        .toList();
  }

  /**
   * How PostgreSQL goes about it for the role that sends it, with these values or, as when it is
   * sent often, with any.
   */
  private static String plan(String statement, String mode, long after, long upTo)
      throws SQLException {
    String prepared = statement.replaceFirst("^select set_config.*?; ", "");
    for (int i = 1; prepared.contains("?"); i++) {
      prepared = prepared.replaceFirst("\\?", "\\$" + i);
    }
    String prepare = "prepare of_a_test (uuid, bigint, uuid, bigint, int) as " + prepared;
    String org = "'" + QueryService.ORGANIZATION + "'";
    String execute =
        "explain execute of_a_test (%s, %s, %s, %s, 11)".formatted(org, after, org, upTo);
    return String.valueOf(
        node.store()
            .execute(
                (ConnectionCallback<String>)
                    connection -> {
                      try (var session = connection.createStatement()) {
                        session.execute("set role imports_viewer");
                      }
                      return QueryPlan.of(connection, mode, prepare, execute);
                    }));
  }
}
