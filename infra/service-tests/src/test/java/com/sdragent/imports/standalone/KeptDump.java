package com.sdragent.imports.standalone;

import com.sdragent.imports.access.keys.KeyToken;
import com.sdragent.imports.testservers.TestPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * A database with something in each of its tables, as SQL: what every later version has to take
 * over. {@link MigrationsIT} makes it.
 */
final class KeptDump {
  /** The table that Flyway keeps. */
  static final String HISTORY =
      """
      create table flyway_schema_history (
        installed_rank int           not null constraint flyway_schema_history_pk primary key,
        version        varchar(50),
        description    varchar(200)  not null,
        type           varchar(20)   not null,
        script         varchar(1000) not null,
        checksum       int,
        installed_by   varchar(100)  not null,
        installed_on   timestamp     not null default now(),
        execution_time int           not null,
        success        boolean       not null
      );
      create index flyway_schema_history_s_idx on flyway_schema_history (success);
      """;

  /** A key that may read, in the dump. */
  static final KeyToken KEY =
      KeyToken.parse("imp_test_KeptForTests_ThisSecretIsKeptInTheSources00001ft0mr").orElseThrow();

  private static final Path FILE = Path.of("src", "test", "resources", "kept-dump.sql");

  private KeptDump() {}

  /** Into a database that is empty. */
  static void restore(TestPostgres.Database database) {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(Files.readString(FILE));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (SQLException e) {
      throw new IllegalStateException("The kept dump cannot be restored", e);
    }
  }

  /** In place of the one that was kept: the scripts that made the schema, then all rows. */
  static void write(JdbcTemplate owner, Flyway flyway) throws IOException {
    var dump = new StringBuilder("-- See KeptDump.\n").append(HISTORY);
    for (MigrationInfo applied : flyway.info().applied()) {
      dump.append("\n-- ").append(applied.getScript()).append('\n').append(script(applied));
    }
    for (String table : tables(owner)) {
      String rows =
          owner.queryForObject(
              "select coalesce(json_agg(t), '[]') from " + table + " t", String.class);
      String columns = String.join(", ", owner.queryForList(COLUMNS, String.class, table));
      dump.append(
          """

          truncate %1$s cascade;
          insert into %1$s (%2$s) overriding system value
          select %2$s from json_populate_recordset(null::%1$s, $rows$%3$s$rows$);
          """
              .formatted(table, columns, rows));
    }
    for (Map<String, Object> identity : owner.queryForList(IDENTITIES)) {
      dump.append(
          "select setval(pg_get_serial_sequence('%1$s', '%2$s'), max(%2$s)) from %1$s;%n"
              .formatted(identity.get("table_name"), identity.get("column_name")));
    }
    Files.writeString(FILE, dump);
  }

  /** The tables of the service and of Flyway. */
  static List<String> tables(JdbcTemplate owner) {
    return owner.query(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"
            + " order by relname",
        (row, _) -> row.getString(1));
  }

  /** A column that PostgreSQL generates takes no value. */
  private static final String COLUMNS =
      "select quote_ident(column_name) from information_schema.columns where table_schema ="
          + " 'public' and table_name = ? and is_generated = 'NEVER' order by ordinal_position";

  private static final String IDENTITIES =
      "select table_name, column_name from information_schema.columns"
          + " where table_schema = 'public' and is_identity = 'YES' order by table_name";

  private static String script(MigrationInfo migration) throws IOException {
    try (InputStream script =
        KeptDump.class.getResourceAsStream("/db/migration/" + migration.getScript())) {
      return new String(Objects.requireNonNull(script).readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
