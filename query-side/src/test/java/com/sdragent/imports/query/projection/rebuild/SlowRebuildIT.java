package com.sdragent.imports.query.projection.rebuild;

import static com.sdragent.imports.query.QueryService.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sdragent.imports.query.QueryService;
import com.zaxxer.hikari.HikariDataSource;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/**
 * A rebuild of a table so large that its statements take longer than a request may wait, in a
 * database whose defaults are made for others.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SlowRebuildIT {
  private static final String REBUILD = "/admin/projections/imports/rebuild";

  private QueryService node;

  @BeforeAll
  void start() {
    node = new QueryService("--spring.datasource.hikari.data-source-properties.socketTimeout=1");
    node.create(UUID.randomUUID());
    node.store()
        .execute(
            """
            create table pause (phase text, seconds float8);
            create function pause_in(present text) returns void language plpgsql as $$ begin
              if current_setting('transaction_isolation') <> 'read committed' then
                raise exception 'a step with one snapshot for all its statements';
              end if;
              perform pg_sleep(seconds) from pause where phase = present;
            end $$;

            create function pause_of_rebuild() returns trigger language plpgsql as $$
            declare
              rebuild projection_rebuild := r from projection_rebuild r where state = 'running';
            begin
              if tg_table_name in ('projection', 'import_row_' || rebuild.generation % 2) then
                perform pause_in(rebuild.phase);
              end if;
              return null;
            end $$;
            create trigger pause after insert on import_row_0
              for each statement execute function pause_of_rebuild();
            create trigger pause after insert on import_row_1
              for each statement execute function pause_of_rebuild();
            create trigger pause after update of generation on projection
              for each statement execute function pause_of_rebuild();

            alter function index_import_row(int) rename to quick_index_import_row;
            create function index_import_row(slot int) returns boolean language plpgsql as $$ begin
              if to_regclass('import_row_' || slot || '_list') is null then
                perform pause_in('indexing');
              end if;
              return quick_index_import_row(slot);
            end $$;

            do $$ begin
              execute format('alter database %I set default_transaction_isolation = serializable',
                             current_database());
              execute format('alter database %I set statement_timeout = 1000', current_database());
            end $$
            """);
    // Sessions that begin from now on have them.
    node.bean(HikariDataSource.class).getHikariPoolMXBean().softEvictConnections();
  }

  @BeforeEach
  void quick() {
    // A step that pauses holds the table for longer than this database lets a statement wait.
    node.store().execute("set statement_timeout = 0; truncate pause");
  }

  @AfterAll
  void stop() {
    node.close();
  }

  @Test
  void is_completed_and_tells_meanwhile_that_somebody_works_on_it() {
    node.store()
        .execute(
            "insert into pause"
                + " select unnest('{loading,indexing,catching_up,comparing}'::text[]), 1.1");
    assertThat(node.ask("POST", REBUILD).statusCode()).isEqualTo(202);
    awaitPause();
    UUID later = UUID.randomUUID();
    node.create(later);
    JsonNode status = status();
    assertThat(status.get("phase").stringValue()).isEqualTo("loading");
    assertThat(status.get("step_started_at").stringValue())
        .isGreaterThan(status.get("started_at").stringValue());
    JsonNode end = awaitEnd();
    assertThat(end.get("state").stringValue()).as(end.toString()).isEqualTo("completed");
    assertThat(end.get("differences").intValue()).isZero();
    assertThat(end.get("error").isNull()).isTrue();
    assertThat(end.get("step_started_at").isNull()).isTrue();
    assertThat(node.ask("GET", "/imports/" + later).statusCode()).isEqualTo(200);
  }

  @Test
  void can_be_cancelled_meanwhile_and_begun_again() {
    node.store().execute("insert into pause values ('indexing', 1.1)");
    assertThat(node.ask("POST", REBUILD).statusCode()).isEqualTo(202);
    awaitPause();
    assertThat(json(node.ask("DELETE", REBUILD)).get("state").stringValue()).isEqualTo("cancelled");
    assertThat(node.ask("POST", REBUILD).statusCode()).isEqualTo(202);
    quick();
    assertThat(awaitEnd().get("state").stringValue()).isEqualTo("completed");
  }

  @Test
  void tells_why_a_step_is_repeated() {
    node.store().execute("alter function index_import_row(int) rename to away");
    node.store()
        .execute(
            """
            create function index_import_row(slot int) returns boolean language plpgsql as $$
            begin
              raise exception using errcode = 'disk_full', message = 'No space left on device';
            end $$
            """);
    assertThat(node.ask("POST", REBUILD).statusCode()).isEqualTo(202);
    await()
        .untilAsserted(
            () -> assertThat(status().get("error").toString()).contains("No space left on device"));
    assertThat(status().get("state").stringValue()).isEqualTo("running");
    node.store().execute("drop function index_import_row(int)");
    node.store().execute("alter function away(int) rename to index_import_row");
    JsonNode end = awaitEnd();
    assertThat(end.get("state").stringValue()).as(end.toString()).isEqualTo("completed");
    assertThat(end.get("error").isNull()).isTrue();
  }

  private void awaitPause() {
    await()
        .until(
            () ->
                node.store()
                    .queryForList(
                        "select 1 from pg_stat_activity where wait_event = 'PgSleep'"
                            + " and datname = current_database()",
                        Integer.class),
            sleeping -> !sleeping.isEmpty());
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
