package com.sdragent.imports.testservers;

import com.sdragent.imports.embedded.DataDirectory;
import com.sdragent.imports.embedded.DurablePostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.UUID;
import org.testcontainers.postgresql.PostgreSQLContainer;

/**
 * One PostgreSQL server for all tests of a JVM, started at the first call, stopped at the JVM's
 * end.
 */
public final class TestPostgres {

  /** The address of a database, and the user for it. */
  public record Database(String jdbcUrl, String username, String password) {

    /** A connection outside of any pool. */
    public Connection connect() throws SQLException {
      return DriverManager.getConnection(jdbcUrl, username, password);
    }
  }

  /** A login role that sees what requests may see, on every server of the tests. */
  public static final String READS_USERNAME = "imports_reads";

  /** Its password, where the server asks for one. */
  public static final String READS_PASSWORD = "reads";

  private TestPostgres() {}

  /** A new, empty database. */
  public static Database freshDatabase() {
    return create("");
  }

  /** A new database with the content of another one, to which nobody is connected. */
  public static Database copyOf(Database original) {
    return create(" template " + original.jdbcUrl().replaceFirst("^.*/([^/?]+)(\\?.*)?$", "$1"));
  }

  private static Database create(String like) {
    Database server = Server.ADDRESS;
    String name = "test_" + UUID.randomUUID().toString().replace("-", "");
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("create database " + name + like);
    } catch (SQLException e) {
      throw new IllegalStateException("No database for the test", e);
    }
    String url = server.jdbcUrl().replaceFirst("/[^/?]+(\\?|$)", "/" + name + "$1");
    return new Database(url, server.username(), server.password());
  }

  /** A new, empty database whose sessions begin with settings that nobody would want. */
  public static Database hostileDatabase() {
    Database database = freshDatabase();
    makeHostile(database);
    return database;
  }

  /** Makes a database's sessions begin with such settings from now on. */
  public static void makeHostile(Database database) {
    String name = database.jdbcUrl().replaceFirst("^.*/([^/?]+).*$", "$1");
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      // An unqualified name would find these.
      statement.execute("create schema hostile; create table hostile.domain_event (position text)");
      for (String setting : HOSTILE) {
        statement.execute("alter database " + name + " set " + setting);
      }
      statement.execute(
          "alter role "
              + database.username()
              + " in database "
              + name
              + " set statement_timeout = '300ms'");
    } catch (SQLException e) {
      throw new IllegalStateException("No hostile database for the test", e);
    }
  }

  /** Lets clients come over TLS from now on. Those that want none go on as before. */
  public static void offerTls(TestCertificate certificate) {
    try (Connection connection = Server.ADDRESS.connect();
        Statement statement = connection.createStatement()) {
      for (Path file : List.of(certificate.certificate(), certificate.key())) {
        // The server may be elsewhere, and takes no key that others may read.
        statement.execute(
            "copy (select unnest(string_to_array('%s', E'\\n'))) to program 'umask 077; cat > %s'"
                .formatted(Files.readString(file).strip(), file.getFileName()));
      }
      statement.execute("alter system set ssl_cert_file = 'server.crt'");
      statement.execute("alter system set ssl_key_file = 'server.key'");
      statement.execute("alter system set ssl = on");
      statement.execute("select pg_reload_conf()");
    } catch (IOException | SQLException e) {
      throw new IllegalStateException("No TLS for the test", e);
    }
  }

  private static final String[] HOSTILE = {
    "array_nulls = off",
    "standard_conforming_strings = off",
    "transform_null_equals = on",
    "datestyle = 'SQL, DMY'",
    "intervalstyle = 'iso_8601'",
    "timezone = 'Asia/Kathmandu'",
    "bytea_output = 'escape'",
    "default_transaction_isolation = 'serializable'",
    "default_transaction_deferrable = on",
    "search_path = hostile, pg_catalog, public",
    "synchronous_commit = off",
    "statement_timeout = '300ms'",
    "lock_timeout = '1ms'",
    "idle_in_transaction_session_timeout = '40ms'",
    "idle_session_timeout = '2s'",
    "quote_all_identifiers = on",
    "extra_float_digits = -15"
  };

  private static final class Server {
    static final Database ADDRESS = start();

    /** The embedded server has it. */
    private static void createReadsRole(Database database) {
      try (Connection connection = database.connect();
          Statement statement = connection.createStatement()) {
        statement.execute(
            "create role imports_viewer nologin; create role %s login password '%s' in role imports_viewer"
                .formatted(READS_USERNAME, READS_PASSWORD));
      } catch (SQLException e) {
        throw new IllegalStateException("No role for the tests", e);
      }
    }

    private static Database start() {
      if (Containers.areAvailable()) {
        // Testcontainers stops it at the JVM's end.
        @SuppressWarnings("resource")
        var container =
            new PostgreSQLContainer("postgres:15")
                .withCommand("postgres", "-c", "max_connections=300");
        container.start();
        var database =
            new Database(container.getJdbcUrl(), container.getUsername(), container.getPassword());
        createReadsRole(database);
        return database;
      }
      Path directory = TemporaryDirectory.withSharedPrograms(TemporaryDirectory.create("postgres"));
      var server = DurablePostgres.start(DataDirectory.take(directory), 0);
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(
                  () -> {
                    server.close();
                    TemporaryDirectory.delete(directory);
                  }));
      return new Database(server.jdbcUrl(), "postgres", "");
    }
  }
}
