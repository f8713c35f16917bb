package com.sdragent.imports.eventstore.sessions;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes sure, when a node starts, that a connection is a session of PostgreSQL. If so, two
 * connections that are open at the same time never show the same process. Behind a pooler that
 * shares sessions, the second gets the session that the first has just finished with.
 */
public final class OwnSessions {
  private static final Logger log = LoggerFactory.getLogger(OwnSessions.class);
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(2);

  /** A busy pooler may give the session to another client in between. */
  private static final int LOOKS = 10;

  private final DedicatedConnections connections;
  private boolean made;

  /** Makes a check that looks through these connections. */
  public OwnSessions(DedicatedConnections connections) {
    this.connections = connections;
  }

  /**
   * Looks at the sessions, unless that was done before or PostgreSQL does not answer.
   *
   * @throws SharedSessionsException when sessions are shared
   */
  public synchronized void require() {
    if (made) return;
    // There are no prepared statements here, because a pooler may not know them.
    try (Connection one = connections.openForMessages("imports start", ANSWER_WITHIN);
        Connection other = connections.openForMessages("imports start", ANSWER_WITHIN)) {
      for (int look = 0; look < LOOKS; look++) {
        if (session(one).equals(session(other))) throw new SharedSessionsException();
      }
      made = true;
    } catch (SQLException e) {
      log.debug("PostgreSQL did not answer", e);
    }
  }

  private static String session(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("select pg_backend_pid(), pg_postmaster_start_time()")) {
      row.next();
      return row.getString(1) + " since " + row.getString(2);
    }
  }
}
