package com.sdragent.imports.tool;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import picocli.CommandLine.Option;

/**
 * Where the event store is, for the commands that read it: a mixin. The environment variables are
 * those of the service and of PostgreSQL's own tools.
 */
final class StoreOptions {
  private static final int CONNECT_SECONDS = 10;

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
    var properties = new Properties();
    properties.setProperty("user", user);
    properties.setProperty("password", password);
    properties.setProperty("ApplicationName", "imports-tool");
    properties.setProperty("connectTimeout", Integer.toString(CONNECT_SECONDS));
    properties.setProperty("loginTimeout", Integer.toString(CONNECT_SECONDS));
    properties.setProperty("tcpKeepAlive", "true");
    properties.setProperty("readOnly", "true");
    try {
      return DriverManager.getConnection(url, properties);
    } catch (SQLException e) {
      // The driver manager quotes a URL that no driver takes.
      if (!String.valueOf(e.getMessage()).contains(url)) throw e;
      throw new SQLException("No PostgreSQL can be at " + withoutQuery(), e.getSQLState());
    }
  }

  /** Without the password, for the eyes of people. */
  @Override
  public String toString() {
    return withoutQuery() + " as " + user;
  }

  /** The query may hold a password. */
  private String withoutQuery() {
    return url.replaceFirst("\\?.*$", "");
  }
}
