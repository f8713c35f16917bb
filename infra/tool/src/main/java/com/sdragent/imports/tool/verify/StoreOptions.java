package com.sdragent.imports.tool.verify;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Where the event store is, for the commands that read it: a mixin. The environment variables are
 * those of the service and of PostgreSQL's own tools.
 */
public final class StoreOptions {
  private static final int CONNECT_SECONDS = 10;

  /** A server that has said nothing for so long, not even a row of a long answer, is gone. */
  private static final int SILENT_SECONDS = 300;

  private static final String READ_ONLY = "25006";

  /**
   * The settings that the tool's statements rely on, whatever the defaults of the database and the
   * role are. The list is the tool's own, because it shares no code with the service that it
   * checks.
   */
  private static final String SESSION_SETTINGS =
      """
      set row_security = on; set statement_timeout = 0; set lock_timeout = 0;
      set idle_in_transaction_session_timeout = 0; set idle_session_timeout = 0;
      set standard_conforming_strings = on; set array_nulls = on; set transform_null_equals = off;
      set datestyle = 'ISO, YMD'; set intervalstyle = 'postgres'; set timezone = 'UTC';
      set bytea_output = 'hex';
      set default_transaction_isolation = 'read committed'; set default_transaction_deferrable = off;
      select set_config('transaction_timeout', '0', false)
        where current_setting('transaction_timeout', true) is not null;
      """;

  /** What only reads names each table with its schema, and no operator or function of anybody's. */
  private static final String READING = "set search_path = pg_catalog, pg_temp";

  private static final String SERVING = "set search_path = public, pg_temp";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--url",
      paramLabel = "JDBC-URL",
      defaultValue = "${env:SPRING_DATASOURCE_URL:-jdbc:postgresql://localhost:15432/imports}",
      description = {
        "The store's database. Default: the environment variable SPRING_DATASOURCE_URL,",
        "or jdbc:postgresql://localhost:15432/imports"
      })
  private String url = "";

  @Option(
      names = "--user",
      defaultValue = "${env:SPRING_DATASOURCE_USERNAME:-postgres}",
      description = {
        "A role that may read it. Default: the environment variable",
        "SPRING_DATASOURCE_USERNAME, or postgres"
      })
  private String user = "";

  @Option(
      names = "--password",
      defaultValue = "${env:PGPASSWORD:-}",
      description = "Its password; better given as the environment variable PGPASSWORD")
  private String password = "";

  /**
   * What to do about a failure, by its SQLSTATE; empty when that is not known.
   *
   * @see <a href="https://www.postgresql.org/docs/current/errcodes-appendix.html">PostgreSQL error
   *     codes</a>
   */
  public static String remedy(SQLException failure) {
    return switch (String.valueOf(failure.getSQLState())) {
      case "08001", "08004", "08006" ->
          " Say by --url (or SPRING_DATASOURCE_URL) where PostgreSQL is.";
      case "28000", "28P01" ->
          ": give the role by --user (or SPRING_DATASOURCE_USERNAME) and its password by PGPASSWORD"
              + " (or --password)";
      case "3D000" -> ": name the service's database in --url (or SPRING_DATASOURCE_URL)";
      case "42501" ->
          ": --user must be a member of imports_reader, or of imports_appender for 'keys'";
      case "42P01", "42703", "42883" ->
          ": the store was made by an older or a newer version than this tool's. Use the tool of"
              + " the version that runs; a node of this version migrates when it starts";
      case READ_ONLY -> ": --url names a standby, and this needs the primary";
      default -> "";
    };
  }

  /** A connection that reads by the tool's own statements and cannot write. */
  Connection connect() throws SQLException {
    return connect(true, READING);
  }

  /** A connection that reads by the service's statements and cannot write. */
  public Connection connectToRead() throws SQLException {
    return connect(true, SERVING);
  }

  /** A connection that may write what its role may. */
  public Connection connectToWrite() throws SQLException {
    return connect(false, SERVING);
  }

  private Connection connect(boolean readOnly, String searchPath) throws SQLException {
    if (!url.startsWith("jdbc:postgresql:")) {
      throw new ParameterException(
          spec.commandLine(),
          "--url (or SPRING_DATASOURCE_URL) must be an address such as"
              + " jdbc:postgresql://db:5432/imports, not "
              + withoutQuery());
    }
    var properties = new Properties();
    properties.setProperty("user", user);
    properties.setProperty("password", password);
    properties.setProperty("ApplicationName", "imports-tool");
    properties.setProperty("connectTimeout", Integer.toString(CONNECT_SECONDS));
    properties.setProperty("loginTimeout", Integer.toString(CONNECT_SECONDS));
    properties.setProperty("tcpKeepAlive", "true");
    properties.setProperty("readOnly", Boolean.toString(readOnly));
    // With several servers in the address, as the nodes have it after a failover.
    properties.setProperty("targetServerType", readOnly ? "preferPrimary" : "primary");
    properties.setProperty("socketTimeout", Integer.toString(SILENT_SECONDS));
    try {
      return withSettings(
          DriverManager.getConnection(url, properties), SESSION_SETTINGS + searchPath);
    } catch (SQLException e) {
      if (String.valueOf(e.getMessage()).contains("targetServerType")) {
        throw new SQLException("No server there takes changes", READ_ONLY, e);
      }
      // The driver manager quotes a URL that no driver takes.
      if (!String.valueOf(e.getMessage()).contains(url)) throw e;
      throw new SQLException("No PostgreSQL can be at " + withoutQuery(), e.getSQLState());
    }
  }

  private static Connection withSettings(Connection connection, String settings)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(settings);
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  /** Leaves out the password, because people may see this text. */
  @Override
  public String toString() {
    return withoutQuery() + " as " + user;
  }

  /** The address without its query, which may hold a password. */
  private String withoutQuery() {
    return url.replaceFirst("\\?.*$", "").replaceFirst("//.*@", "//");
  }
}
