package com.sdragent.imports.testservers;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** How PostgreSQL goes about a statement. */
public final class QueryPlan {
  private QueryPlan() {}

  /**
   * The lines of a plan.
   *
   * @param mode {@code force_custom_plan} for the values that are given, {@code force_generic_plan}
   *     for any, as when a statement is sent often
   * @param prepare a {@code prepare} statement
   * @param explain an {@code explain execute} of it
   */
  public static String of(Connection connection, String mode, String prepare, String explain)
      throws SQLException {
    try (Statement session = connection.createStatement()) {
      session.execute("set plan_cache_mode = " + mode);
      session.execute(prepare);
      var lines = new StringBuilder();
      try (ResultSet row = session.executeQuery(explain)) {
        while (row.next()) lines.append(row.getString(1)).append('\n');
      }
      return lines.toString();
    }
  }
}
