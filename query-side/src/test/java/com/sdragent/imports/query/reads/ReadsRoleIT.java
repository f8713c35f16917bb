package com.sdragent.imports.query.reads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sdragent.imports.eventstore.sessions.CannotStartException;
import com.sdragent.imports.eventstore.sessions.DedicatedConnections;
import com.sdragent.imports.eventstore.sessions.VisibleRows;
import com.sdragent.imports.query.QueryService;
import com.sdragent.imports.testservers.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.Properties;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.SqlParameterValue;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** Who may read for requests: nobody who would see more than PostgreSQL shows for them. */
class ReadsRoleIT {
  private static final TestPostgres.Database DATABASE = TestPostgres.freshDatabase();

  @Test
  void a_role_that_sees_everything_keeps_a_node_from_starting() throws SQLException {
    assertRefused(DATABASE.username(), DATABASE.password(), "SUPERUSER or BYPASSRLS");
    try (Connection connection = DATABASE.connect();
        Statement owner = connection.createStatement()) {
      owner.execute(
          """
          do $$ begin
            if not exists (select from pg_roles where rolname = 'imports_projector') then
              create role imports_projector nologin;
            end if;
          end $$;
          create role reads_bypassing login password 'x' bypassrls in role imports_viewer;
          create role reads_between nologin in role imports_projector;
          create role reads_projecting login password 'x' in role imports_viewer, reads_between;
          create role reads_owning login password 'x' in role imports_viewer;
          create table policed (organization uuid);
          create policy visible_organizations on policed for select to imports_viewer using (false);
          grant select on policed to imports_viewer
          """);
      try {
        assertRefused("reads_bypassing", "x", "SUPERUSER or BYPASSRLS");
        assertRefused("reads_projecting", "x", "is a member of imports_projector");
        assertRefused(
            TestPostgres.READS_USERNAME, TestPostgres.READS_PASSWORD, "sees all of policed");
        owner.execute("alter table policed enable row level security");
        assertThatCode(() -> require(TestPostgres.READS_USERNAME, TestPostgres.READS_PASSWORD))
            .doesNotThrowAnyException();
        owner.execute("alter table policed owner to reads_owning");
        assertRefused("reads_owning", "x", "sees all of policed");
      } finally {
        owner.execute(
            "drop table policed; drop role reads_owning; drop role reads_projecting;"
                + " drop role reads_between; drop role reads_bypassing");
      }
    }
  }

  @Test
  void a_role_that_may_not_read_keeps_a_node_from_starting() throws SQLException {
    try (Connection connection = DATABASE.connect();
        Statement owner = connection.createStatement()) {
      owner.execute("create role reads_nothing login password 'x'");
      try {
        assertRefused("reads_nothing", "x", "is no member of imports_viewer");
      } finally {
        owner.execute("drop role reads_nothing");
      }
    }
  }

  @Test
  void a_node_is_not_ready_before_its_role_is_there_and_goes_on_by_itself() throws SQLException {
    try (var node = new QueryService(DATABASE, "--imports.query.reads.username=reads_later");
        Connection connection = DATABASE.connect();
        Statement owner = connection.createStatement()) {
      assertThat(node.ask("GET", "/actuator/health/readiness").statusCode()).isEqualTo(503);
      assertThat(node.ask("GET", "/imports/").statusCode()).isEqualTo(503);
      owner.execute("create role reads_later login password 'reads' in role imports_viewer");
      try {
        await().until(() -> node.ask("GET", "/actuator/health/readiness").statusCode() == 200);
        assertThat(node.ask("GET", "/imports/").statusCode()).isEqualTo(200);
      } finally {
        owner.execute("drop role reads_later");
      }
    }
  }

  @Test
  void what_a_statement_names_is_there_however_often_it_is_sent() throws SQLException {
    try (Connection session = DATABASE.connect()) {
      var rows = new VisibleRows(new SingleConnectionDataSource(session, true));
      UUID organization = UUID.randomUUID();
      for (int i = 0; i < 12; i++) {
        assertThat(
                rows.query(
                    organization,
                    "select current_setting('imports.organizations', true)"
                        + " where ? is null and ? = 1",
                    (row, _) -> row.getString(1),
                    new SqlParameterValue(Types.VARCHAR, null),
                    1))
            .containsExactly("{" + organization + "}");
      }
      assertThatThrownBy(
              () -> rows.query(organization, "select ?", (row, _) -> 1, new Object[] {null}))
          .hasMessageContaining("A missing value needs a type");
    }
  }

  @Test
  void a_driver_that_does_not_bring_the_names_keeps_a_node_from_starting() throws SQLException {
    String url = DATABASE.jdbcUrl();
    var untyped =
        new TestPostgres.Database(
            url + (url.contains("?") ? "&" : "?") + "stringtype=unspecified",
            DATABASE.username(),
            DATABASE.password());
    try (Connection session = untyped.connect()) {
      var rows = new VisibleRows(new SingleConnectionDataSource(session, true));
      assertThatThrownBy(() -> ReadsRole.requireNames(rows))
          .isInstanceOf(CannotStartException.class)
          .hasMessageContaining("take stringtype and preferQueryMode out of");
    }
  }

  @Test
  void the_password_is_not_printed() {
    assertThat(new ReadsProperties("reads", "a password").toString()).doesNotContain("a password");
  }

  private static void assertRefused(String user, String password, String why) {
    assertThatThrownBy(() -> require(user, password))
        .isInstanceOf(CannotStartException.class)
        .hasMessageStartingWith("imports.query.reads.username names the role " + user)
        .hasMessageContaining(why)
        .hasMessageContaining("Name a login role that is a member of imports_viewer");
  }

  private static void require(String user, String password) {
    ReadsRole.require(
        new DedicatedConnections(DATABASE.jdbcUrl(), user, password, new Properties()));
  }
}
