package com.sdragent.imports.query.projection;

import static com.sdragent.imports.query.QueryService.OTHER_KEY;
import static com.sdragent.imports.query.QueryService.OTHER_ORGANIZATION;
import static com.sdragent.imports.query.QueryService.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sdragent.imports.eventstore.sessions.Replica;
import com.sdragent.imports.eventstore.sessions.VisibleRows;
import com.sdragent.imports.query.QueryService;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.databind.JsonNode;

/** A GET waits for what was written to what it asks for, on a node that projects when told to. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OwnEventsIT {
  private QueryService node;
  private Projectors projectors;

  @BeforeAll
  void start() {
    // Whoever waits for what nobody projects gets no answer while the test is patient.
    node = new QueryService("--imports.query.max-wait=1m");
    projectors = node.bean(Projectors.class);
    projectors.stop();
  }

  @AfterAll
  void stop() {
    node.close();
  }

  @Test
  void a_read_is_answered_while_events_of_others_are_not_projected() {
    UUID known = UUID.randomUUID();
    node.create(known);
    project();
    node.create(UUID.randomUUID());

    // Another import of its organization has an event, and so it is with lists of another one.
    assertThat(node.ask("GET", "/imports/" + known).statusCode()).isEqualTo(200);
    assertThat(node.ask("GET", "/imports/" + UUID.randomUUID()).statusCode()).isEqualTo(404);
    for (String path : new String[] {"/imports/", "/imports/summary"}) {
      assertComplete(node.askAs(OTHER_KEY, "GET", path));
    }
    assertComplete(node.askAs(OTHER_KEY, "HEAD", "/imports/"));
    project();
  }

  @Test
  void a_read_waits_for_an_event_of_the_import_that_it_asks_for() {
    UUID id = UUID.randomUUID();
    node.create(id);
    project();
    node.append(id, 1, "ImportDeleted", 1, deleted(id));
    CompletableFuture<HttpResponse<String>> read = asked("/imports/" + id);
    awaitWaiting("imports");
    assertThat(read).isNotDone();
    project();
    assertThat(read.join().statusCode()).isEqualTo(404);
  }

  @Test
  void a_list_waits_for_the_events_of_its_organization() {
    UUID id = UUID.randomUUID();
    node.create(id);
    node.createAtOnce(3, OTHER_ORGANIZATION);
    CompletableFuture<HttpResponse<String>> list = asked("/imports/");
    awaitWaiting("imports");
    assertThat(list).isNotDone();
    project();
    assertComplete(list.join());
    assertThat(list.join().body()).contains(id.toString());
  }

  @Test
  void a_summary_waits_for_the_events_of_its_organization() {
    JsonNode before = json(node.ask("GET", "/imports/summary"));
    node.create(UUID.randomUUID());
    CompletableFuture<HttpResponse<String>> summary = asked("/imports/summary");
    awaitWaiting("summary");
    assertThat(summary).isNotDone();
    project();
    assertComplete(summary.join());
    assertThat(json(summary.join()).get("count").intValue())
        .isEqualTo(before.get("count").intValue() + 1);
  }

  @Test
  void a_list_that_looked_at_the_primary_takes_to_replicas_what_it_saw_there() {
    var flushes = new AtomicInteger();
    JdbcTemplate primary = node.store();
    var visible =
        new VisibleRows(
            Objects.requireNonNull(primary.getDataSource()),
            new Replica(
                () -> Replica.moment(primary),
                () -> Replica.reached(primary),
                flushes::incrementAndGet,
                Duration.ofMinutes(1),
                () -> {},
                IllegalStateException::new));
    Projection<?> imports =
        node.bean(Projections.class).named("imports").orElseThrow().projection();
    CurrentLists lists =
        new Projections(
                primary,
                visible,
                List.of(imports),
                node.bean(ProjectionProperties.class),
                new SimpleMeterRegistry())
            .lists(imports);
    node.create(UUID.randomUUID());
    project();
    assertThat(lists.awaitCurrent(QueryService.ORGANIZATION)).isZero();
    assertThat(flushes).hasValue(1);
  }

  @Test
  void a_read_that_began_before_a_rebuild_emptied_its_table_finds_the_row() throws Exception {
    UUID id = UUID.randomUUID();
    node.create(id);
    project();
    long live = ProjectionRow.live(node.bean(VisibleRows.class), "imports");
    String old = "import_row_" + live % 2;
    String columns =
        "id, org_id, campaign_id, source, file_name, status, total_rows, created_at, updated_at,"
            + " sequence";
    node.store()
        .execute(
            "insert into import_row_%s (%s) select %s from %s"
                .formatted((live + 1) % 2, columns, columns, old));
    CompletableFuture<HttpResponse<String>> read;
    try (var rebuild = Objects.requireNonNull(node.store().getDataSource()).getConnection();
        var statement = rebuild.createStatement()) {
      rebuild.setAutoCommit(false);
      statement.execute("truncate " + old);
      statement.execute("update projection set generation = generation + 1 where name = 'imports'");
      read = asked("/imports/" + id);
      await().until(() -> isWaitingFor(old));
      rebuild.commit();
    }
    assertThat(read.join().statusCode()).isEqualTo(200);
  }

  private boolean isWaitingFor(String table) {
    return Boolean.TRUE.equals(
        node.store()
            .queryForObject(
                "select exists (select from pg_locks where relation = ?::regclass and not granted)",
                Boolean.class,
                table));
  }

  private static void assertComplete(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("X-Projection-Lag")).isEmpty();
  }

  private void project() {
    projectors.all().forEach(one -> one.batches().applyNext());
  }

  private CompletableFuture<HttpResponse<String>> asked(String path) {
    return CompletableFuture.supplyAsync(() -> node.ask("GET", path), Thread::startVirtualThread);
  }

  private void awaitWaiting(String name) {
    ProjectionProgress progress = node.bean(Projections.class).named(name).orElseThrow().progress();
    await().until(progress::isAwaited);
  }

  private static String deleted(UUID id) {
    return "{\"import_id\":\"%s\",\"org_id\":\"%s\",\"occurred_at\":\"2024-10-06T12:00:01Z\"}"
        .formatted(id, QueryService.ORGANIZATION);
  }
}
