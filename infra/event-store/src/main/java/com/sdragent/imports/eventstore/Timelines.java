package com.sdragent.imports.eventstore;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The histories that the log has had: a failover that lost the last events, or a restore, begins
 * another. What is remembered of the log holds as long as its timeline is the one that counts.
 */
public final class Timelines {
  private static final Logger log = LoggerFactory.getLogger(Timelines.class);
  private static final String NOTE = "select note_timeline(?, ?)";

  private final JdbcTemplate jdbc;
  private final List<Runnable> changes = new CopyOnWriteArrayList<>();

  /** The last that this node has heard of, 0 before the first look. */
  private volatile int known;

  Timelines(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * A history of the log.
   *
   * @param number from 1
   * @param beginsAfter the position of the last event that it shares with the one before
   */
  public record Timeline(int number, long beginsAfter) {}

  /** Calls this, which must not block, after this node has met another timeline. */
  public void onChange(Runnable forget) {
    changes.add(forget);
  }

  /** All that there were, in their order; the last is the one that counts. */
  public List<Timeline> all() {
    List<Timeline> all =
        jdbc.query(
            "select number, begins_after from store_timeline order by number",
            (row, _) -> new Timeline(row.getInt(1), row.getLong(2)));
    met(all.getLast().number());
    return all;
  }

  /**
   * Notes that an event which this node has seen is not in the log any more: another timeline has
   * begun.
   */
  public void lost(UUID eventId) {
    Integer number = jdbc.queryForObject(NOTE, Integer.class, known, eventId);
    if (number != null) met(number);
  }

  /**
   * Notes the timeline of the server that a new connection leads to, before anything is appended by
   * it.
   *
   * @param seen an event that this node has seen stored, or null
   */
  void meet(Connection connection, @Nullable UUID seen) throws SQLException {
    try (PreparedStatement note = connection.prepareStatement(NOTE)) {
      note.setInt(1, known);
      note.setObject(2, seen);
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
      // A number that the store has lost again is not given twice.
      known = Math.max(number, before);
    }
    if (before == 0) return;
    log.warn(
        "The event store is on timeline {} now, after {}: what was remembered of it is forgotten."
            + " Events that were answered before may be lost (infra/docs/operations.md)",
        number,
        before);
    changes.forEach(Runnable::run);
  }
}
