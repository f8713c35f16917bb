package com.sdragent.imports.query.projection;

import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.Notifications.Channel;
import com.sdragent.imports.eventstore.RecordedEvent;
import com.sdragent.imports.loops.ThisNode;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.PreparedStatementCallback;

/**
 * How far a projection is. Each batch inserts a row, and the last one counts. Rows are read
 * backward from the end of the index, where nothing is dead, so that no open database snapshot
 * makes a look longer.
 */
public final class ProjectionPosition {
  /** Tells that a projection has moved on. */
  static final Channel CHANNEL = new Channel("projection");

  /** The fewest rows: PostgreSQL would read all of a very small table rather than its end. */
  private static final int KEPT = 100;

  private static final String MOVE =
      "insert into projection_position (name, batch, position, event_id, node)"
          + " values (?, ?, ?, ?, ?)";

  private final JdbcTemplate jdbc;
  private final String name;

  ProjectionPosition(JdbcTemplate jdbc, String name) {
    this.jdbc = jdbc;
    this.name = name;
  }

  /** A projection's position in SQL, for statements that look at more. */
  public static String sql(String name) {
    return "(select position" + backward(name) + ")";
  }

  /** The node that moved a projection last, in SQL. */
  static String node(String name) {
    return "(select node" + backward(name) + ")";
  }

  /** Reads the last row. The name is part of the text, so that the plan is made for it. */
  private static String backward(String name) {
    return " from projection_position where name = '" + name + "' order by batch desc limit 1";
  }

  /**
   * The last applied event.
   *
   * @param batch the number of the row
   * @param eventId of the event at the position, null before the first
   */
  public record Last(long batch, long position, @Nullable UUID eventId) {
    static Last of(ResultSet row) throws SQLException {
      return new Last(row.getLong(1), row.getLong(2), row.getObject(3, UUID.class));
    }

    /** Whether the store still holds that event: it may have been restored to an earlier point. */
    public boolean isIn(EventLog log) {
      if (eventId == null) return true;
      List<RecordedEvent> there = log.eventsAfter(position - 1, 1);
      return !there.isEmpty() && isFirstOf(there);
    }

    boolean isFirstOf(List<RecordedEvent> events) {
      return !events.isEmpty() && events.getFirst().eventId().equals(eventId);
    }
  }

  /**
   * The projection's position. A node that moves it reads it once it holds the projection's lock,
   * in a separate statement: the one that waits for the lock does not see what was committed
   * meanwhile.
   */
  public Last last() {
    return jdbc.query(last(name), (row, _) -> Last.of(row)).getFirst();
  }

  /** The SQL that reads a projection's {@link Last}. */
  static String last(String name) {
    return "select batch, position, event_id" + backward(name);
  }

  /** Moves the position on, or back, with the projection's lock held. */
  public void move(Last from, long position, @Nullable UUID eventId) {
    long batch = from.batch() + 1;
    jdbc.update(MOVE, name, batch, position, eventId, ThisNode.name());
    forgetNowAndThen(batch);
  }

  /**
   * Moves the position on, with the projection's lock held, and tells all nodes so once this
   * transaction is committed.
   */
  void moveAndTell(Last from, long position, UUID eventId) {
    long batch = from.batch() + 1;
    jdbc.execute(
        MOVE + "; select pg_notify(?, ?)",
        (PreparedStatementCallback<Boolean>)
            statement -> {
              statement.setString(1, name);
              statement.setLong(2, batch);
              statement.setLong(3, position);
              statement.setObject(4, eventId);
              statement.setString(5, ThisNode.name());
              statement.setString(6, CHANNEL.name());
              statement.setString(7, name + " " + position);
              return statement.execute();
            });
    forgetNowAndThen(batch);
  }

  /** The position that a node was told of, or -1 when it is another projection's. */
  long told(String text) {
    return text.startsWith(name + " ")
        ? ToldPosition.read(text.substring(name.length() + 1)).orElse(-1)
        : -1;
  }

  /**
   * Removes old rows with every hundredth. Both ends are given, so that no removed row is looked
   * at. The statement is planned each time, for the table as it is.
   */
  private void forgetNowAndThen(long batch) {
    if (batch % KEPT != 0) return;
    long last = batch - KEPT;
    jdbc.execute(
        "delete from projection_position where name = '"
            + name
            + "' and batch > "
            + (last - KEPT)
            + " and batch <= "
            + last);
  }
}
