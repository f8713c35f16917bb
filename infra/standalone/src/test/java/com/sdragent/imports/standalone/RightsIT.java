package com.sdragent.imports.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.JdbcTemplate;

/** What the database refuses to the service itself. */
class RightsIT {
  private static final String INSUFFICIENT_PRIVILEGE = "42501";

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
        "insert into api_key values (sha256('x'), gen_random_uuid(), 'mine', '{operator}')"
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
        .containsExactlyInAnyOrder("api_key", "flyway_schema_history");
  }
}
