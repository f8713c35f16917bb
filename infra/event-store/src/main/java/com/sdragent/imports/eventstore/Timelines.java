package com.sdragent.imports.eventstore;

import com.sdragent.imports.eventstore.append.SeenEvent;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The histories that the log has had. A failover that lost the last events, or a restore, begins
 * another one. Anything remembered of the log holds as long as its timeline is the current one.
 */
public final class Timelines {
  private static final Logger log = LoggerFactory.getLogger(Timelines.class);
  private static final String NOTE = "select note_timeline(?, ?, ?)";
  private static final String LAST =
      "select position, event_id from domain_event order by position desc limit 1";

  private final JdbcTemplate jdbc;
  private final List<Runnable> changes = new CopyOnWriteArrayList<>();

  /** The last timeline that this node has heard of; 0 before the first look. */
  private volatile int known;

  /** The last event that this node saw stored, whichever node stored it. */
  private volatile @Nullable SeenEvent seen;

  Timelines(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * A history of the log.
   *
   * @param number from 1
   * @param beginsAfter the position of the last event that it shares with the timeline before
   */
  public record Timeline(int number, long beginsAfter) {}

  /** Calls this, which must not block, after this node has met another timeline. */
  public void onChange(Runnable forget) {
    changes.add(forget);
  }

  /** All timelines that there have been, in their order. The last is the current one. */
  public List<Timeline> all() {
    List<Timeline> all =
        jdbc.query(
            "select number, begins_after from store_timeline order by number",
            (row, _) -> new Timeline(row.getInt(1), row.getLong(2)));
    met(all.getLast().number());
    return all;
  }

  /**
   * Notes that an event which this node has seen is no longer in the log: another timeline has
   * begun.
   */
  public void lost(SeenEvent event) {
    Integer number =
        jdbc.queryForObject(NOTE, Integer.class, known, event.position(), event.eventId());
    if (number != null) met(number);
  }

  /**
   * Notes the timeline of the server that a new connection leads to, before anything is appended or
   * remembered by it.
   *
   * @param stored the last event that this node has stored itself, or null
   */
  void meet(Connection connection, @Nullable SeenEvent stored) throws SQLException {
    SeenEvent last = seen;
    note(connection, stored == null ? last : stored);
    if (stored != null && last != null && !last.equals(stored)) note(connection, last);
  }

  /**
   * Remembers the last event of the log. If it is gone on another connection, another timeline has
   * begun.
   */
  void look(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(LAST)) {
      if (row.next()) seen = new SeenEvent(row.getLong(1), row.getObject(2, UUID.class));
    }
  }

  private void note(Connection connection, @Nullable SeenEvent event) throws SQLException {
    try (PreparedStatement note = connection.prepareStatement(NOTE)) {
      note.setInt(1, known);
      note.setObject(2, event == null ? null : event.position(), Types.BIGINT);
      note.setObject(3, event == null ? null : event.eventId(), Types.OTHER);
      try (ResultSet row = note.executeQuery()) {
        row.next();
        met(row.getInt(1));
      }
    }
  }

  private void met(int number) {
    int before;
    synchronized (this) {
      before = known;
      if (number == before) return;
      // The store does not use a number again that it has lost.
      known = Math.max(number, before);
    }
    if (before == 0) return;
    log.warn(
        "The event store is now on timeline {}, after {}: this node forgets what it remembered of"
            + " it. Events that were answered before may be lost (infra/docs/operations.md)",
        number,
        before);
    changes.forEach(Runnable::run);
  }
}
