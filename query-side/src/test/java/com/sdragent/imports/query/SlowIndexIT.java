package com.sdragent.imports.query;

import static com.sdragent.imports.query.QueryService.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** A rebuild of a table so large that an index takes longer than a request may wait. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SlowIndexIT {
  private static final String REBUILD = "/admin/projections/imports/rebuild";

  private QueryService node;

  @BeforeAll
  void start() {
    node = new QueryService("--spring.datasource.hikari.data-source-properties.socketTimeout=1");
    node.create(UUID.randomUUID());
    node.store()
        .execute(
            """
            alter function index_import_row(int, text) rename to quick_index_import_row;
            create table pause (filter text, seconds float8);
            create function index_import_row(slot int, filter text) returns void
              language plpgsql security definer set search_path from current as $$
            begin
              perform pg_sleep(p.seconds) from pause p where p.filter = index_import_row.filter;
              perform quick_index_import_row(slot, filter);
            end $$;
            """);
  }

  @BeforeEach
  void quick() {
    node.store().execute("truncate pause");
  }

  @AfterAll
  void stop() {
    node.close();
  }

  @Test
  void is_completed() {
    node.store().execute("insert into pause values ('list', 1.5)");
    assertThat(node.ask("POST", REBUILD).statusCode()).isEqualTo(202);
    JsonNode end = awaitEnd();
    assertThat(end.get("state").stringValue()).as(end.toString()).isEqualTo("completed");
    assertThat(end.get("error").isNull()).isTrue();
  }

  @Test
  void can_be_cancelled_meanwhile_and_begun_again() {
    node.store().execute("insert into pause values ('status', 2)");
    assertThat(node.ask("POST", REBUILD).statusCode()).isEqualTo(202);
    await()
        .until(
            () ->
                node.store()
                    .queryForList(
                        "select 1 from pg_stat_activity where wait_event = 'PgSleep'",
                        Integer.class),
            sleeping -> !sleeping.isEmpty());
    assertThat(json(node.ask("DELETE", REBUILD)).get("state").stringValue()).isEqualTo("cancelled");
    assertThat(node.ask("POST", REBUILD).statusCode()).isEqualTo(202);
    quick();
    assertThat(awaitEnd().get("state").stringValue()).isEqualTo("completed");
  }

  @Test
  void tells_why_a_step_is_repeated() {
    node.store().execute("alter function index_import_row(int, text) rename to away");
    node.store()
        .execute(
            """
            create function index_import_row(slot int, filter text) returns void language plpgsql as $$
            begin
              raise exception using errcode = 'disk_full', message = 'No space left on device';
            end $$
            """);
    assertThat(node.ask("POST", REBUILD).statusCode()).isEqualTo(202);
    await()
        .untilAsserted(
            () -> assertThat(status().get("error").toString()).contains("No space left on device"));
    assertThat(status().get("state").stringValue()).isEqualTo("running");
    node.store().execute("drop function index_import_row(int, text)");
    node.store().execute("alter function away(int, text) rename to index_import_row");
    JsonNode end = awaitEnd();
    assertThat(end.get("state").stringValue()).as(end.toString()).isEqualTo("completed");
    assertThat(end.get("error").isNull()).isTrue();
  }

  private JsonNode status() {
    return json(node.ask("GET", REBUILD));
  }

  private JsonNode awaitEnd() {
    return await()
        .atMost(Duration.ofSeconds(30))
        .until(this::status, status -> !status.get("state").stringValue().equals("running"));
  }
}
