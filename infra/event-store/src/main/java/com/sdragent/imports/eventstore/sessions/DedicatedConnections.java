package com.sdragent.imports.eventstore.sessions;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;

/**
 * Opens connections that one task keeps for itself, so that no pool can run dry on it. They have
 * the pool's driver settings, such as those of TLS, except for the few that such a task decides on.
 */
public final class DedicatedConnections {
  private final String url;
  private final String user;
  private final String password;
  private final Properties driverSettings;

  /**
   * @param driverSettings the settings of the pool; they are read and never changed
   */
  public DedicatedConnections(String url, String user, String password, Properties driverSettings) {
    this.url = url;
    this.user = user;
    this.password = password;
    this.driverSettings = driverSettings;
  }

  /**
   * A session with the {@link SessionSettings}.
   *
   * @param purpose what PostgreSQL shows as the application's name
   * @param answerWithin how long to wait for a connection or an answer before the connection counts
   *     as broken; PostgreSQL, too, gives a statement up then
   */
  public Connection open(String purpose, Duration answerWithin) throws SQLException {
    return open(properties(purpose, answerWithin), answerWithin);
  }

  /** Like {@link #open}, but what one call executes is one message of the simple protocol. */
  public Connection openForMessages(String purpose, Duration answerWithin) throws SQLException {
    Properties properties = properties(purpose, answerWithin);
    properties.setProperty("preferQueryMode", "simple");
    return open(properties, answerWithin);
  }

  private Connection open(Properties properties, Duration answerWithin) throws SQLException {
    Connection connection = DriverManager.getConnection(url, properties);
    try (Statement statement = connection.createStatement()) {
      statement.execute(SessionSettings.sql(answerWithin));
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  private Properties properties(String purpose, Duration answerWithin) {
    String seconds = Long.toString(Math.max(1, answerWithin.toSeconds()));
    var properties = new Properties();
    driverSettings.forEach((name, value) -> properties.put(name, String.valueOf(value)));
    properties.setProperty("user", user);
    properties.setProperty("password", password);
    properties.setProperty("ApplicationName", purpose);
    properties.setProperty("connectTimeout", seconds);
    properties.setProperty("loginTimeout", seconds);
    properties.setProperty("socketTimeout", seconds);
    properties.setProperty("tcpKeepAlive", "true");
    properties.setProperty("prepareThreshold", "1");
    properties.setProperty("preferQueryMode", "extended");
    // A detail quotes the row, and errors are logged.
    properties.setProperty("logServerErrorDetail", "false");
    // After a failover, the former primary may be a server that only allows reading.
    properties.setProperty("targetServerType", "primary");
    return properties;
  }
}
