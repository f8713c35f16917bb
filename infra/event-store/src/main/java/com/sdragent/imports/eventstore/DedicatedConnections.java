package com.sdragent.imports.eventstore;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;

/** Opens connections that one task keeps for itself, so that no pool can run dry on it. */
final class DedicatedConnections {
  private final String url;
  private final String user;
  private final String password;

  DedicatedConnections(String url, String user, String password) {
    this.url = url;
    this.user = user;
    this.password = password;
  }

  /**
   * @param purpose what PostgreSQL shows as the application's name
   * @param answerWithin how long to wait for a connection or an answer before the connection counts
   *     as broken
   */
  Connection open(String purpose, Duration answerWithin) throws SQLException {
    return DriverManager.getConnection(url, properties(purpose, answerWithin));
  }

  /** Like {@link #open}, but what one call executes is one message of the simple protocol. */
  Connection openForMessages(String purpose, Duration answerWithin) throws SQLException {
    Properties properties = properties(purpose, answerWithin);
    properties.setProperty("preferQueryMode", "simple");
    return DriverManager.getConnection(url, properties);
  }

  private Properties properties(String purpose, Duration answerWithin) {
    String seconds = Long.toString(Math.max(1, answerWithin.toSeconds()));
    var properties = new Properties();
    properties.setProperty("user", user);
    properties.setProperty("password", password);
    properties.setProperty("ApplicationName", purpose);
    properties.setProperty("connectTimeout", seconds);
    properties.setProperty("loginTimeout", seconds);
    properties.setProperty("socketTimeout", seconds);
    properties.setProperty("tcpKeepAlive", "true");
    properties.setProperty("prepareThreshold", "1");
    // A detail quotes the row, and errors are logged.
    properties.setProperty("logServerErrorDetail", "false");
    // After a failover, the server that was written to may have become one that is only read.
    properties.setProperty("targetServerType", "primary");
    return properties;
  }
}
