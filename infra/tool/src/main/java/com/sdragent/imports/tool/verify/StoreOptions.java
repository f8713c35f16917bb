package com.sdragent.imports.tool.verify;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import picocli.CommandLine.Option;

/**
 * Where the event store is, for the commands that read it: a mixin. The environment variables are
 * those of the service and of PostgreSQL's own tools.
 */
public final class StoreOptions {
  private static final int CONNECT_SECONDS = 10;

  /**
   * The settings that the tool's statements rely on, whatever the defaults of the database and the
   * role are. The list is the tool's own, because it shares no code with the service that it
   * checks.
   */
  private static final String SESSION_SETTINGS =
      """
      set statement_timeout = 0; set lock_timeout = 0;
      set idle_in_transaction_session_timeout = 0; set idle_session_timeout = 0;
      set search_path = public, pg_temp;
      set standard_conforming_strings = on; set array_nulls = on; set transform_null_equals = off;
      set datestyle = 'ISO, YMD'; set intervalstyle = 'postgres'; set timezone = 'UTC';
      set bytea_output = 'hex';
      set default_transaction_isolation = 'read committed'; set default_transaction_deferrable = off;
      select set_config('transaction_timeout', '0', false)
        where current_setting('transaction_timeout', true) is not null
      """;

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

  /** A connection that reads and cannot write. */
  Connection connect() throws SQLException {
    return connect(true);
  }

  /** A connection that may write what its role may. */
  public Connection connectToWrite() throws SQLException {
    return connect(false);
  }

  private Connection connect(boolean readOnly) throws SQLException {
    var properties = new Properties();
    properties.setProperty("user", user);
    properties.setProperty("password", password);
    properties.setProperty("ApplicationName", "imports-tool");
    properties.setProperty("connectTimeout", Integer.toString(CONNECT_SECONDS));
    properties.setProperty("loginTimeout", Integer.toString(CONNECT_SECONDS));
    properties.setProperty("tcpKeepAlive", "true");
    properties.setProperty("readOnly", Boolean.toString(readOnly));
    try {
      return withSettings(DriverManager.getConnection(url, properties));
    } catch (SQLException e) {
      // The driver manager quotes a URL that no driver takes.
      if (!String.valueOf(e.getMessage()).contains(url)) throw e;
      throw new SQLException("No PostgreSQL can be at " + withoutQuery(), e.getSQLState());
    }
  }

  private static Connection withSettings(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(SESSION_SETTINGS);
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
    return url.replaceFirst("\\?.*$", "");
  }
}
