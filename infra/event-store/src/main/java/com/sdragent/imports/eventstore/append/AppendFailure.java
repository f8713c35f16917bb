package com.sdragent.imports.eventstore.append;

import java.sql.SQLException;
import org.postgresql.util.PSQLException;

/**
 * What an error of PostgreSQL says about the batch that caused it, by its SQLSTATE (PostgreSQL's
 * manual, appendix A).
 */
enum AppendFailure {
  /**
   * The batch may have been stored. The cause is a broken connection (class 08) or any other error
   * of the driver itself, a server that goes down (57P), an error of the system or of PostgreSQL
   * itself (58, XX), or anything unknown.
   */
  ANSWER_LOST,
  /**
   * Nothing was stored, and the same statement may succeed at once, perhaps on another server. The
   * transaction lost against another (40), or the server has been read-only since a failover
   * (25006), no longer knows the prepared statement (26) or takes no more connections (53300).
   */
  TRY_AGAIN,
  /** Nothing was stored, because the time for getting the lock was up (55P03). */
  LOCKED,
  /** Nothing was stored, because of a value in it (22) or a constraint (23). */
  ABOUT_THE_DATA,
  /**
   * Nothing was stored, and trying again at once would not help: the disk is full (53100), the
   * statement took too long (57014) or a right is missing.
   */
  REFUSED;

  static AppendFailure of(SQLException e) {
    // This is the driver's own error: it failed to send or to understand, and PostgreSQL may have
    // committed.
    if (!(e instanceof PSQLException said) || said.getServerErrorMessage() == null) {
      return ANSWER_LOST;
    }
    String state = e.getSQLState();
    if (state == null || state.length() != 5) return ANSWER_LOST;
    if (state.equals("25006") || state.equals("53300")) return TRY_AGAIN;
    if (state.equals("55P03")) return LOCKED;
    if (state.startsWith("57P")) return ANSWER_LOST;
    return switch (state.substring(0, 2)) {
      case "08", "58", "XX" -> ANSWER_LOST;
      case "26", "40" -> TRY_AGAIN;
      case "22", "23" -> ABOUT_THE_DATA;
      default -> REFUSED;
    };
  }
}
