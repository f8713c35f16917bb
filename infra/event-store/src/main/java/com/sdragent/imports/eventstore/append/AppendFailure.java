package com.sdragent.imports.eventstore.append;

import java.sql.SQLException;
import org.postgresql.util.PSQLException;

/**
 * What an error of PostgreSQL says about the batch that it answers, by its SQLSTATE (PostgreSQL's
 * manual, appendix A).
 */
enum AppendFailure {
  /**
   * It may have been stored. A connection that broke (class 08) or whatever else the driver itself
   * says, a server that goes down (57P), an error of the system or of PostgreSQL itself (58, XX)
   * and anything unheard of.
   */
  ANSWER_LOST,
  /**
   * Nothing was stored, and the same statement may succeed at once, perhaps on another server: a
   * transaction that lost against another (40), a server that is read-only since a failover
   * (25006), that does not know the prepared statement any more (26) or takes no more connections
   * (53300).
   */
  TRY_AGAIN,
  /** Nothing was stored: the time for getting a lock was up (55P03). */
  LOCKED,
  /** Nothing was stored, because of a value in it (22) or a constraint (23). */
  ABOUT_THE_DATA,
  /**
   * Nothing was stored, and it would not help to try again at once: a full disk (53100), a
   * statement that took too long (57014), a right that is missing.
   */
  REFUSED;

  static AppendFailure of(SQLException e) {
    // The driver's own words: it failed to send or to understand, PostgreSQL may have committed.
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
