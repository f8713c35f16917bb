package com.sdragent.imports.eventstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sdragent.imports.eventstore.sessions.OwnSessions;
import com.sdragent.imports.eventstore.sessions.PoolSettings;
import com.sdragent.imports.eventstore.sessions.SharedSessionsException;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;

class DedicatedConnectionsIT {
  private static final Duration SOON = Duration.ofSeconds(5);

  private final EventStoreFixture fixture = new EventStoreFixture();

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void the_driver_settings_of_the_pool_reach_every_connection() throws Exception {
    var settings = new Properties();
    settings.put("options", "-c work_mem=4321kB");
    // As YAML gives it.
    settings.put("tcpKeepAlive", true);
    var connections = fixture.connections(settings);
    try (var one = connections.open("a test", SOON);
        var statement = one.createStatement();
        var row = statement.executeQuery("show work_mem")) {
      row.next();
      assertThat(row.getString(1)).isEqualTo("4321kB");
    }
    // The server has no certificate: whoever insists on TLS is not given less.
    settings.put("sslmode", "require");
    var secured = fixture.connections(settings);
    assertThatThrownBy(() -> secured.open("a test", SOON))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("SSL");
    assertThatThrownBy(() -> secured.openForMessages("a test", SOON)).hasMessageContaining("SSL");
  }

  @Test
  void they_reach_the_migration_too_but_for_the_bound_of_an_answer() {
    try (var pool = new HikariDataSource()) {
      pool.addDataSourceProperty("sslmode", "require");
      pool.addDataSourceProperty("socketTimeout", "5");
      var driver = new SimpleDriverDataSource();
      FluentConfiguration flyway = Flyway.configure().dataSource(driver).initSql("select 1;");

      new MigrationConfiguration().migrationSettings(pool).customize(flyway);

      assertThat(driver.getConnectionProperties()).isEqualTo(Map.of("sslmode", "require"));
      assertThat(flyway.getInitSql()).startsWith("select 1; set statement_timeout = 0;");
    }
  }

  @Test
  void a_pool_sets_what_statements_rely_on_after_what_it_was_told_to_set() {
    try (var pool = new HikariDataSource()) {
      fixture.configure(pool);
      pool.addDataSourceProperty("options", "-c array_nulls=off");
      pool.addDataSourceProperty("socketTimeout", 5);
      pool.setConnectionInitSql("set bytea_output = escape");

      var _ = new PoolSettings().postProcessAfterInitialization(pool, "pool");

      var jdbc = new org.springframework.jdbc.core.JdbcTemplate(pool);
      assertThat(
              jdbc.queryForList(
                  """
                  select setting from pg_settings
                  where name in ('array_nulls', 'bytea_output', 'statement_timeout',
                    'tcp_keepalives_idle', 'tcp_user_timeout') order by name
                  """,
                  String.class))
          .containsExactly("on", "hex", "4750", "5", "10000");
    }
  }

  /** Its machine is gone, or it stands still while PostgreSQL sends it many events. */
  @Test
  @Tag("soak")
  void what_a_node_holds_that_takes_nothing_any_more_is_free_after_some_ten_seconds()
      throws Exception {
    try (var session = fixture.connections().open("a test", SOON);
        var statement = session.createStatement()) {
      session.setAutoCommit(false);
      statement.execute("set statement_timeout = 0; select pg_advisory_xact_lock(1)");
      CopyOut notTaken =
          session
              .unwrap(PGConnection.class)
              .getCopyAPI()
              .copyOut("copy (select repeat('x', 8000) from generate_series(1, 20000)) to stdout");
      await().until(this::isWriting);
      assertThat(fixture.locks(true)).isOne();
      await().atMost(Duration.ofMinutes(1)).until(() -> fixture.locks(true) == 0);
      assertThat(notTaken.isActive()).isTrue();
      // The driver would wait for the rest.
      session.abort(Runnable::run);
    }
  }

  private boolean isWriting() {
    return Boolean.TRUE.equals(
        fixture.jdbc.queryForObject(
            "select exists (select from pg_stat_activity where wait_event = 'ClientWrite'"
                + " and datname = current_database())",
            Boolean.class));
  }

  @Test
  void a_pooler_that_shares_sessions_is_refused_with_what_to_do() {
    try (var pooler = new TransactionPooler(fixture.address())) {
      var sessions = new OwnSessions(fixture.connectionsThrough(pooler.port()));
      assertThatThrownBy(sessions::require)
          .isInstanceOf(SharedSessionsException.class)
          .hasMessageContaining("pool_mode=session");
    }
  }

  @Test
  void postgresql_itself_passes_and_so_does_one_that_does_not_answer_yet() {
    assertThatNoException().isThrownBy(new OwnSessions(fixture.connections())::require);
    fixture.takeConnections(false);
    assertThatNoException().isThrownBy(new OwnSessions(fixture.connections())::require);
    fixture.takeConnections(true);
    assertThat(Objects.requireNonNull(fixture.jdbc.queryForObject("select 1", Integer.class)))
        .isOne();
  }
}
