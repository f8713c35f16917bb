package com.sdragent.imports.access.trail;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The tables of the audit trail, to which rows are only added. */
public final class TrailTable {
  private TrailTable() {}

  /**
   * Who is about to do something.
   *
   * @param kind key, token, or login for a login role of the database
   * @param keyId the key of the database that let the actor in, or null
   */
  public record Actor(
      UUID organization,
      String name,
      String kind,
      @Nullable String keyId,
      @Nullable String requestId) {}

  /**
   * Notes what is about to be done.
   *
   * @return the entry's number
   */
  public static long begin(Connection connection, Actor actor, Action action, String target)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            insert into audit_entry (organization, actor, actor_kind, key_id, request_id, action, target)
            values (?, ?, ?, ?, ?, ?, ?) returning id
            """)) {
      statement.setObject(1, actor.organization());
      statement.setString(2, actor.name());
      statement.setString(3, actor.kind());
      statement.setString(4, actor.keyId());
      statement.setString(5, actor.requestId());
      statement.setString(6, action.label());
      statement.setString(7, target);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }

  /** Notes how it ended. */
  public static void end(
      Connection connection, long entry, TrailOutcome outcome, @Nullable String reason)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "insert into audit_outcome (entry_id, outcome, reason) values (?, ?, ?)")) {
      statement.setLong(1, entry);
      statement.setString(2, outcome.label());
      statement.setString(3, reason);
      statement.executeUpdate();
    }
  }
}
