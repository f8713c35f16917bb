package com.sdragent.imports.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.JdbcTemplate;

/** What the database refuses to the service itself. */
class RightsIT {
  private static final String INSUFFICIENT_PRIVILEGE = "42501";

  /** In place of a table of the service, one that lets whoever empties it forge an event. */
  private static final String SHADOW =
      """
      create temporary table import_row_0 (like public.import_row_0);
      create or replace function pg_temp.forge() returns trigger language plpgsql as $$ begin
        update public.domain_event set metadata = '{"forged": true}' where position = 1;
        return null;
      end $$;
      create trigger forge before truncate on pg_temp.import_row_0
        for each statement execute function pg_temp.forge();
      grant all on pg_temp.import_row_0 to public;
      """;

  /** In place of the events, one that ends elsewhere. */
  private static final String SHADOW_OF_EVENTS =
      """
      create temporary table domain_event (position bigint, event_id uuid);
      insert into pg_temp.domain_event values (1000000000000, gen_random_uuid());
      """;

  /** For each day's keys, with one that is old. */
  private static final String SHADOWS_OF_KEYS =
      IntStream.range(0, 3)
          .mapToObj(day -> "idempotency_key_" + day)
          .map(
              table ->
                  SHADOW
                          .replace("(like public.import_row_0)", "(like public.idempotency_key)")
                          .replace("import_row_0", table)
                      + "insert into pg_temp."
                      + table
                      + " select 0, now() - interval '2 days', gen_random_uuid(), 'k', sha256(''),"
                      + " gen_random_uuid(), '';\n")
          .collect(Collectors.joining());

  /** What each function that runs as its owner is asked, so that it does something else. */
  private static final Map<String, List<String>> BREAK_OUTS =
      Map.of(
          "empty_import_row",
          List.of(
              "select empty_import_row(2)",
              "select empty_import_row(null)",
              SHADOW + "select empty_import_row(0)"),
          "index_import_row",
          List.of(
              "select index_import_row(-1)",
              "select index_import_row(null)",
              "select index_import_row(0, 'z on import_row_0 (id); update domain_event"
                  + " set metadata = ''{\"forged\": true}'' where position = 1; --')",
              SHADOW + "select index_import_row(0)"),
          "empty_summary",
          List.of(
              "select empty_summary(2)",
              "select empty_summary(null)",
              SHADOW.replace("import_row_0", "summary_import_0") + "select empty_summary(0)"),
          "analyze_summary",
          List.of(
              "select analyze_summary(-1)",
              "select analyze_summary(null)",
              SHADOW.replace("import_row_0", "summary_cell_0") + "select analyze_summary(0)"),
          "empty_idempotency_keys",
          List.of(
              "select empty_idempotency_keys(0)",
              "select empty_idempotency_keys('domain_event')",
              SHADOWS_OF_KEYS + "select empty_idempotency_keys()"));

  /** The same for those that only the role of reads may call. */
  private static final Map<String, List<String>> BREAK_OUTS_OF_READS =
      Map.of(
          "domain_event_head",
          List.of("select domain_event_head('domain_event')"),
          "has_domain_event",
          List.of(
              "select has_domain_event(1, '1''; update domain_event"
                  + " set metadata = ''{\"forged\": true}'' where position = 1; --')"));

  /** What requests may read. */
  private static final List<String> WITH_ROWS_OF_ORGANIZATIONS =
      List.of(
          "domain_event",
          "parked_event",
          "summary_cell_0",
          "summary_cell_1",
          "summary_count_0",
          "summary_count_1",
          "visible_import_0",
          "visible_import_1");

  private static final List<String> WITHOUT =
      List.of("projection", "projection_position", "store_timeline");

  @Test
  void the_service_adds_events_as_a_role_that_is_no_superuser() {
    RunningService.newImport(Map.of("source", "rights"));
    JdbcTemplate sql = RunningService.bean(JdbcTemplate.class);
    assertThat(
            sql.queryForObject(
                "select rolname || ' ' || rolsuper from pg_roles where rolname = current_user",
                String.class))
        .isEqualTo("imports_service false");
    assertThat(sql.queryForObject("select count(*) from domain_event", Long.class)).isPositive();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "update domain_event set metadata = '{}' where position = 1",
        "delete from domain_event where position = 1",
        "truncate domain_event",
        "drop table domain_event",
        "alter table domain_event disable trigger all",
        "create or replace function domain_event_link(hash bytea, previous bytea, \"position\""
            + " bigint, digest bytea) returns bytea language sql as $$ select hash $$",
        "update idempotency_key set answer = ''",
        "delete from idempotency_key",
        "truncate idempotency_key_0",
        "update verification set findings = 0",
        "delete from verification",
        "insert into verification (kind, from_position, position, hash, compared, findings)"
            + " values ('verify', 1, 1, sha256(''), true, 0)",
        "update api_key set scopes = '{admin}'",
        "update api_key set organization = gen_random_uuid()",
        "delete from api_key"
      })
  void it_is_refused_to_change_the_past_or_its_own_rights(String statement) {
    JdbcTemplate sql = RunningService.bean(JdbcTemplate.class);
    assertThatThrownBy(() -> sql.execute(statement))
        .rootCause()
        .isInstanceOfSatisfying(
            SQLException.class,
            refused -> assertThat(refused.getSQLState()).isEqualTo(INSUFFICIENT_PRIVILEGE));
  }

  @Test
  void no_function_that_runs_as_its_owner_lets_the_service_change_the_past() throws SQLException {
    RunningService.newImport(Map.of("source", "rights"));
    for (String breakOut : BREAK_OUTS.values().stream().flatMap(List::stream).toList()) {
      try (Connection service = RunningService.bean(DataSource.class).getConnection();
          Statement statement = service.createStatement()) {
        service.setAutoCommit(false);
        boolean changed = false;
        boolean refused = false;
        try {
          statement.execute(breakOut);
          try (ResultSet events =
              statement.executeQuery(
                  "select exists (select from domain_event where metadata ->> 'forged' is not"
                      + " null)")) {
            events.next();
            changed = events.getBoolean(1);
          }
        } catch (SQLException e) {
          refused = true;
        }
        service.rollback();
        assertThat(changed).as(breakOut).isFalse();
        // In place of a table of the service, so that the function is right to do its work.
        assertThat(refused).as(breakOut).isEqualTo(!breakOut.startsWith("create temporary table"));
      }
    }
  }

  @Test
  void the_role_of_reads_learns_an_end_and_a_yes_or_no_and_nothing_else() throws SQLException {
    RunningService.newImport(Map.of("source", "rights"));
    var first =
        RunningService.owner()
            .queryForMap("select event_id, position from domain_event order by position limit 1");
    String legal =
        "select domain_event_head() > 0 and domain_event_head() < 1000000000000 and has_domain_event(%s, '%s')"
            .formatted(first.get("position"), first.get("event_id"));
    for (String shadow : List.of("", SHADOW_OF_EVENTS)) {
      assertThat(asReads(shadow, legal)).as(shadow).isTrue();
    }
    for (String breakOut : BREAK_OUTS_OF_READS.values().stream().flatMap(List::stream).toList()) {
      assertThatThrownBy(() -> asReads("", breakOut)).as(breakOut).isInstanceOf(SQLException.class);
    }
    assertThatThrownBy(() -> asReads("", "update domain_event set metadata = '{}'"))
        .isInstanceOfSatisfying(
            SQLException.class,
            refused -> assertThat(refused.getSQLState()).isEqualTo(INSUFFICIENT_PRIVILEGE));
  }

  /** What the role of reads is answered, in a transaction that is taken back. */
  private static boolean asReads(String before, String query) throws SQLException {
    try (Connection reads = RunningService.reads().getConnection();
        Statement statement = reads.createStatement()) {
      reads.setAutoCommit(false);
      try {
        if (!before.isEmpty()) statement.execute(before);
        try (ResultSet answer = statement.executeQuery(query)) {
          return answer.next() && answer.getBoolean(1);
        }
      } finally {
        reads.rollback();
      }
    }
  }

  @Test
  void every_table_that_requests_may_read_hides_rows_or_has_none_of_organizations() {
    JdbcTemplate owner = RunningService.owner();
    assertThat(
            owner.queryForList(
                """
                select relname from pg_class
                where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'm', 'f')
                  and has_any_column_privilege('imports_viewer', oid, 'select')
                """,
                String.class))
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(WITH_ROWS_OF_ORGANIZATIONS, WITHOUT).flatMap(List::stream).toList());
    assertThat(
            owner.queryForList(
                """
                select relname from pg_class
                join pg_policy on polrelid = pg_class.oid and polname = 'visible_organizations'
                where relrowsecurity and polroles = array['imports_viewer'::regrole::oid]
                  and (select array_agg(polname) from pg_policy other
                       where other.polrelid = pg_class.oid
                         and other.polroles && array[0, 'imports_viewer'::regrole]::oid[])
                      = array[polname]
                """,
                String.class))
        .containsExactlyInAnyOrderElementsOf(WITH_ROWS_OF_ORGANIZATIONS);
    assertThat(
            owner.queryForList(
                """
                select relname from pg_class
                where relnamespace = 'public'::regnamespace and relkind = 'v'
                  and has_table_privilege('imports_viewer', oid, 'select')
                  and not coalesce('security_invoker=true' = any (reloptions), false)
                """,
                String.class))
        .isEmpty();
  }

  @Test
  void every_function_that_runs_as_its_owner_is_shut_and_tried() {
    assertThat(
            RunningService.owner()
                .queryForList(
                    """
                    select proname || ' ' || coalesce(array_to_string(proconfig, ';'), '') || ' '
                           || has_function_privilege('public', oid, 'execute')
                    from pg_proc where prosecdef and pronamespace <> 'pg_catalog'::regnamespace
                    """,
                    String.class))
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(BREAK_OUTS, BREAK_OUTS_OF_READS)
                .flatMap(tried -> tried.keySet().stream())
                .map(name -> name + " search_path=pg_catalog, public, pg_temp false")
                .toList());
  }

  @Test
  void nobody_but_the_owner_may_put_something_into_the_schema() {
    assertThat(
            RunningService.owner()
                .queryForObject(
                    "select has_schema_privilege('public', 'public', 'create')", Boolean.class))
        .isFalse();
  }

  @Test
  void readers_may_read_every_table_but_the_keys() {
    assertThat(
            RunningService.bean(JdbcTemplate.class)
                .queryForList(
                    """
                    select relname from pg_class
                    where relnamespace = 'public'::regnamespace and relkind in ('r', 'v', 'p')
                      and not has_table_privilege('imports_reader', oid, 'select')
                    """,
                    String.class))
        // Requests read the rows of imports by another name.
        .containsExactlyInAnyOrder(
            "api_key",
            "flyway_schema_history",
            "idempotency_key",
            "idempotency_key_0",
            "idempotency_key_1",
            "idempotency_key_2",
            "visible_import_0",
            "visible_import_1");
  }
}
