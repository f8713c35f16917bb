package com.sdragent.imports.query.projection;

import static com.sdragent.imports.query.QueryService.json;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sdragent.imports.query.QueryService;
import com.sdragent.imports.testservers.EventStream;
import com.sdragent.imports.testservers.HandMadeEvents;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/**
 * Events that no command of this version writes: whatever they hold, they stop their import only.
 */
@Timeout(60)
class PoisonEventsIT {
  private static final String PARKED = "/admin/projections/imports/parked";
  private static final String REBUILD = "/admin/projections/imports/rebuild";

  /** Advisory locks: this test's own, and the one of the node that takes a step of a rebuild. */
  private static final long GATE = 1;

  private static final long STEPS = 4919131752989213765L + "imports".hashCode();
  private static final QueryService node = new QueryService();

  @AfterAll
  static void close() {
    node.close();
  }

  /** One behind another fails once that one is discarded. */
  @AfterEach
  void discardThem() {
    node.ask("DELETE", REBUILD);
    for (JsonNode parked = json(node.ask("GET", PARKED));
        !parked.isEmpty();
        parked = json(node.ask("GET", PARKED))) {
      assertThat(node.ask("DELETE", PARKED + "/" + parked.get(0).get("position")).statusCode())
          .isEqualTo(200);
    }
  }

  @Test
  void one_whose_error_quotes_what_postgresql_cannot_store_is_parked() {
    UUID id = UUID.randomUUID();
    node.create(id);
    assertParked(
        node.append(id, 1, "ImportStatusChanged", 1, statusChanged(id, "a\\u0000b")), "a?b");
  }

  @Test
  void one_that_says_it_is_about_another_import_is_parked() {
    UUID victim = UUID.randomUUID();
    node.create(victim);
    HttpResponse<String> before = node.ask("GET", "/imports/" + victim);
    UUID id = UUID.randomUUID();
    node.create(id);
    assertParked(
        node.append(id, 1, "ImportStatusChanged", 1, statusChanged(victim, "failed")),
        "another import");
    assertThat(node.ask("GET", "/imports/" + victim).body()).isEqualTo(before.body());
  }

  @Test
  void one_that_holds_nothing_is_parked() {
    UUID id = UUID.randomUUID();
    node.create(id);
    assertParked(node.append(id, 1, "ImportDeleted", 1, "null"), "Not an event");
  }

  @Test
  void one_with_a_value_that_no_index_takes_is_parked() {
    UUID id = UUID.randomUUID();
    node.create(id);
    String random =
        new Random(1)
            .ints(20_000, 'a', 'z')
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
    assertParked(
        node.append(id, 1, "ImportDetailsChanged", 1, details(id, random, 2)), "index row");
  }

  @Test
  void one_whose_metadata_cannot_be_read_is_shown_without_it() throws IOException {
    UUID id = UUID.randomUUID();
    long created = node.create(id);
    List<String> metadata =
        List.of("[]", "null", "\"x\"", "5", "{\"actor\": [1]}", "{\"actor\": \"me\"}");
    try (var live = new EventStream(node.stream("/events?after=" + created))) {
      for (int i = 1; i <= metadata.size(); i++) {
        node.append(
            id, i, "ImportStatusChanged", 1, statusChanged(id, "failed"), metadata.get(i - 1));
        assertThat(live.next().data()).contains(id.toString());
      }
    }
    for (String address :
        List.of("/imports/" + id + "/events?", "/events?after=" + (created - 1) + "&")) {
      for (String limit : List.of("", "limit=100")) {
        HttpResponse<String> past = node.ask("GET", address + limit);
        assertThat(past.statusCode()).as(address).isEqualTo(200);
        assertThat(json(past)).as(address).hasSize(1 + metadata.size());
        assertThat(json(past).valueStream().map(event -> event.get("actor").stringValue(null)))
            .containsExactly(null, null, null, null, null, null, "me");
      }
    }
    try (var stream = new EventStream(node.stream("/events?after=" + created))) {
      for (int i = 1; i <= metadata.size(); i++) {
        assertThat(stream.next().id()).isEqualTo(created + i);
      }
    }
  }

  @Test
  void a_list_says_at_once_that_it_misses_one() {
    UUID id = UUID.randomUUID();
    node.create(id);
    assertThat(node.ask("GET", "/imports/").headers().firstValue("X-Projection-Lag")).isEmpty();
    node.append(id, 1, "ImportDeleted", 1, "null");
    assertThat(node.ask("GET", "/imports/").headers().firstValue("X-Projection-Lag")).hasValue("1");
  }

  @Test
  void many_creations_are_applied_although_one_has_a_row_already() {
    UUID organization = UUID.randomUUID();
    String live = table(0);
    var source = requireNonNull(node.store().getDataSource());
    new TransactionTemplate(new JdbcTransactionManager(source))
        .executeWithoutResult(
            _ -> {
              node.createAtOnce(2 * CopyTuples.WORTH_IT, organization);
              node.store()
                  .update(
                      "insert into %s select aggregate_id, organization, null, 'stale', null, 'failed',"
                              .formatted(live)
                          + " 0, occurred_at, occurred_at, 0 from domain_event where organization ="
                          + " ? limit 1",
                      organization);
            });
    String applied = "select id from " + live + " where org_id = ? and source = 'csv'";
    await()
        .until(
            () -> node.store().queryForList(applied, organization).size(),
            imports -> imports == 2 * CopyTuples.WORTH_IT);
    assertThat(json(node.ask("GET", PARKED))).isEmpty();
  }

  @Test
  void thousands_that_wait_behind_one_are_retried_with_it() {
    UUID id = UUID.randomUUID();
    node.create(id);
    String live = table(0);
    node.store()
        .execute("alter table " + live + " add constraint of_a_test check (source <> 'poison')");
    long first = node.append(id, 1, "ImportDetailsChanged", 1, details(id, "poison", 1));
    node.store()
        .update(
            """
            insert into domain_event (position, aggregate_id, sequence_number, event_id, event_type, revision,
                                      organization, occurred_at, payload, metadata)
            select position + n, aggregate_id, 1 + n, gen_random_uuid(), event_type, 1, organization,
                   occurred_at + n * interval '1 second',
                   jsonb_set(payload::jsonb, '{total_rows}', to_jsonb(n))::json, '{}'
            from domain_event, generate_series(1, 1200) n where position = ?
            """,
            first);
    node.store().execute("notify domain_event");
    await().until(() -> json(node.ask("GET", PARKED)).size() == 1201);
    node.store().execute("alter table " + live + " drop constraint of_a_test");
    assertThat(node.ask("POST", PARKED + "/" + first + "/retry").body())
        .isEqualTo("{\"applied\":1201,\"parked\":0}");
    assertThat(json(node.ask("GET", "/imports/" + id)).get("total_rows").intValue())
        .isEqualTo(1200);
  }

  @Test
  void a_rebuild_parks_what_only_the_live_table_could_take() {
    UUID id = createdTwice();
    long second = node.append(id, 3, "ImportStatusChanged", 1, statusChanged(id, "failed"));
    assertThat(node.ask("GET", "/imports/").body()).contains(id.toString());
    JsonNode rebuilt = rebuild();
    assertThat(rebuilt.get("differences").intValue()).isEqualTo(1);

    JsonNode parked = json(node.ask("GET", PARKED));
    assertThat(parked).hasSize(2);
    assertThat(parked.get(0).get("error").stringValue()).contains("cannot follow");
    assertThat(parked.get(1).get("error").isNull()).isTrue();
    HttpResponse<String> list = node.ask("GET", "/imports/");
    assertThat(list.headers().firstValue("X-Projection-Lag")).hasValue("2");
    assertThat(list.body()).doesNotContain(id.toString());
    assertThat(node.ask("GET", "/imports/" + id).statusCode()).isEqualTo(404);

    // What a rebuild could not take a retry cannot, although there is no row in its way.
    String address = PARKED + "/" + parked.get(0).get("position");
    assertThat(node.ask("POST", address + "/retry").body())
        .isEqualTo("{\"applied\":0,\"parked\":2}");
    assertThat(node.ask("DELETE", address).body()).isEqualTo("{\"applied\":0,\"parked\":1}");
    assertThat(node.ask("DELETE", PARKED + "/" + second).body())
        .isEqualTo("{\"applied\":0,\"parked\":0}");
    assertThat(rebuild().get("differences").intValue()).isZero();
    assertThat(json(node.ask("GET", PARKED))).isEmpty();
  }

  @Test
  void a_rebuild_parks_what_only_its_own_table_refuses() {
    UUID id = UUID.randomUUID();
    node.create(id);
    long poison = node.append(id, 1, "ImportDetailsChanged", 1, details(id, "poison", 2));
    node.append(id, 2, "ImportDetailsChanged", 1, details(id, "later", 3));
    assertThat(node.ask("GET", "/imports/?source=later").body()).contains(id.toString());
    String next = table(1);
    node.store()
        .execute("alter table " + next + " add constraint of_a_test check (source <> 'later')");
    rebuild();
    JsonNode parked = json(node.ask("GET", PARKED));
    assertThat(parked).hasSize(1);
    assertThat(parked.get(0).get("position").longValue()).isEqualTo(poison + 1);
    assertThat(parked.get(0).get("error").stringValue()).contains("of_a_test");
    assertThat(node.ask("GET", "/imports/?source=poison").body()).contains(id.toString());

    node.store().execute("alter table " + next + " drop constraint of_a_test");
    assertThat(node.ask("POST", PARKED + "/" + (poison + 1) + "/retry").body())
        .isEqualTo("{\"applied\":1,\"parked\":0}");
    assertThat(node.ask("GET", "/imports/?source=later").body()).contains(id.toString());
  }

  @Test
  void while_both_are_written_the_live_table_goes_its_way() {
    UUID id = createdTwice();
    int before = json(node.ask("GET", "/imports/")).size();
    whileItCompares(
        () -> {
          node.append(id, 3, "ImportDetailsChanged", 1, details(id, "later", 3));
          assertThat(node.ask("GET", "/imports/?source=later").body()).contains(id.toString());
          assertThat(json(node.ask("GET", PARKED))).isEmpty();
          assertThat(node.ask("DELETE", REBUILD).statusCode()).isEqualTo(200);
        });
    // Nothing is left of one that was cancelled.
    HttpResponse<String> list = node.ask("GET", "/imports/");
    assertThat(list.headers().firstValue("X-Projection-Lag")).isEmpty();
    assertThat(json(list)).hasSize(before);

    whileItCompares(
        () -> {
          node.append(id, 4, "ImportDetailsChanged", 1, details(id, "last", 4));
          assertThat(node.ask("GET", "/imports/?source=last").body()).contains(id.toString());
        });
    assertThat(awaitEnd().get("state").stringValue()).isEqualTo("completed");
    assertThat(json(node.ask("GET", PARKED))).hasSize(3);
    assertThat(json(node.ask("GET", "/imports/"))).hasSize(before - 1);
  }

  /** An import that was deleted and created again, which a table of what is there can take. */
  private static UUID createdTwice() {
    UUID id = UUID.randomUUID();
    node.create(id);
    node.append(
        id,
        1,
        "ImportDeleted",
        1,
        "{\"import_id\": \"%s\", \"org_id\": \"%s\", \"occurred_at\": \"2024-10-06T12:00:01Z\"}"
            .formatted(id, QueryService.ORGANIZATION));
    // Only a batch of its own does not know that there was such an import.
    assertThat(node.ask("GET", "/imports/" + id).statusCode()).isEqualTo(404);
    node.store()
        .update(
            """
            insert into domain_event (position, aggregate_id, sequence_number, event_id, event_type, revision,
                                      organization, occurred_at, payload, metadata)
            select position + 2, aggregate_id, 2, gen_random_uuid(), event_type, 1, organization,
                   occurred_at + interval '2 seconds', payload, '{}'
            from domain_event where aggregate_id = ? and sequence_number = 0
            """,
            id);
    node.store().execute("notify domain_event");
    return id;
  }

  private static JsonNode rebuild() {
    assertThat(node.ask("POST", REBUILD).statusCode()).isEqualTo(202);
    JsonNode end = awaitEnd();
    assertThat(end.get("state").stringValue()).as(end.toString()).isEqualTo("completed");
    return end;
  }

  private static JsonNode awaitEnd() {
    return await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> json(node.ask("GET", REBUILD)),
            status -> !status.get("state").stringValue().equals("running"));
  }

  /** Holds a rebuild when each batch is applied to both tables, between two of its steps. */
  private static void whileItCompares(Runnable meanwhile) {
    node.store()
        .execute(
            """
            create function pause() returns trigger language plpgsql as $$ begin
              perform pg_advisory_xact_lock(%s);
              return null;
            end $$;
            create trigger pause after update of shadow_generation on projection
              for each row when (new.shadow_generation is not null) execute function pause();
            """
                .formatted(GATE));
    try (Connection gate = requireNonNull(node.store().getDataSource()).getConnection();
        Connection steps = node.store().getDataSource().getConnection()) {
      lock(gate, GATE);
      assertThat(node.ask("POST", REBUILD).statusCode()).isEqualTo(202);
      await().until(() -> isAwaited(GATE));
      // A node that takes a step holds this lock. It is passed on when the step under way ends.
      var between = CompletableFuture.runAsync(() -> lock(steps, STEPS));
      await().until(() -> isAwaited(STEPS));
      gate.close();
      between.join();
      meanwhile.run();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    } finally {
      node.store().execute("drop trigger pause on projection; drop function pause()");
    }
  }

  private static void lock(Connection connection, long key) {
    try (var statement = connection.createStatement()) {
      statement.execute("select pg_advisory_lock(%s)".formatted(key));
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean isAwaited(long key) {
    return requireNonNull(
        node.store()
            .queryForObject(
                """
                select exists (
                  select from pg_locks
                  where locktype = 'advisory' and not granted
                    and database = (select oid from pg_database where datname = current_database())
                    and (classid::bigint << 32) + objid::bigint = ?)
                """,
                Boolean.class,
                key));
  }

  /** The live one, or how many generations after it. */
  private static String table(int after) {
    return "import_row_"
        + node.store()
            .queryForObject(
                "select (generation + ?) % 2 from projection where name = 'imports'",
                Integer.class, after);
  }

  private static void assertParked(long position, String error) {
    UUID other = UUID.randomUUID();
    node.create(other);
    HttpResponse<String> list = node.ask("GET", "/imports/");
    assertThat(list.headers().firstValue("X-Projection-Lag")).hasValue("1");
    assertThat(list.body()).contains(other.toString());
    JsonNode parked = json(node.ask("GET", PARKED));
    assertThat(parked).hasSize(1);
    assertThat(parked.get(0).get("position").longValue()).isEqualTo(position);
    assertThat(parked.get(0).get("error").stringValue()).contains(error);
  }

  private static String statusChanged(UUID id, String to) {
    return HandMadeEvents.statusChanged(id, QueryService.ORGANIZATION, to);
  }

  private static String details(UUID id, String source, int rows) {
    return HandMadeEvents.detailsChanged(id, QueryService.ORGANIZATION, source, "a.csv", rows);
  }
}
