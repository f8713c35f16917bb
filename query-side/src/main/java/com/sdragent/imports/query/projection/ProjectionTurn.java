package com.sdragent.imports.query.projection;

import com.sdragent.imports.query.projection.ProjectionPosition.Last;
import com.sdragent.imports.query.projection.ProjectionRow.Generations;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.PreparedStatementCallback;

/**
 * What a node that has the projection's lock goes on from, until the end of its transaction.
 *
 * @param anyParked whether there are any parked events, waiting or discarded
 */
record ProjectionTurn(Generations generations, Last last, boolean anyParked) {
  /** How many results come before the one of the lock. */
  private static final int SETTINGS = 3;

  /**
   * Takes the lock, as the first statements of a transaction, unless another has it. All of it is
   * one round trip; each statement has its own database snapshot, so those after the lock see what
   * was committed before it was granted.
   */
  static @Nullable ProjectionTurn begin(JdbcTemplate jdbc, String name) {
    return jdbc.execute(
        sql(name),
        (PreparedStatementCallback<@Nullable ProjectionTurn>)
            statement -> {
              statement.execute();
              for (int result = 0; result < SETTINGS; result++) {
                statement.getMoreResults(Statement.KEEP_CURRENT_RESULT);
              }
              ResultSet row = statement.getResultSet();
              if (!row.next()) return null;
              Generations generations = Generations.of(row);
              Last last = Last.of(next(statement));
              return new ProjectionTurn(generations, last, next(statement).getBoolean(1));
            });
  }

  private static String sql(String name) {
    return String.join(
        "; ",
        ProjectionRow.TURN,
        // There is no flush to disk: rows and position are lost together, and made again.
        "set local synchronous_commit = off",
        ProjectionRow.lockIfFree(name),
        ProjectionPosition.last(name),
        "select exists (select from parked_event where projection = '" + name + "')");
  }

  private static ResultSet next(PreparedStatement statement) throws SQLException {
    statement.getMoreResults(Statement.KEEP_CURRENT_RESULT);
    ResultSet rows = statement.getResultSet();
    rows.next();
    return rows;
  }
}
