package com.sdragent.imports.query.projection;

import com.sdragent.imports.eventstore.sessions.VisibleRows;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The row of a projection. It is the lock of the node that moves the projection, and says which
 * generations there are. The lock comes first wherever others are held as well.
 */
public final class ProjectionRow {
  /**
   * The settings of a transaction that takes the lock for a turn. Whatever the database's default
   * is, it sees what others commit while it waits for the lock. A node that freezes with the lock
   * is cut off, so that another can go on.
   */
  static final String TURN =
      "set transaction isolation level read committed;"
          + " set local idle_in_transaction_session_timeout = '1s'";

  private static final String SELECT =
      "select generation, shadow_generation from projection where name = ? for update";

  private final JdbcTemplate jdbc;
  private final String name;

  ProjectionRow(JdbcTemplate jdbc, String name) {
    this.jdbc = jdbc;
    this.name = name;
  }

  /**
   * The generations that events are applied to.
   *
   * @param live the one that is read
   * @param shadow the one that is compared with it at the end of a rebuild, or null
   */
  public record Generations(long live, @Nullable Long shadow) {
    static Generations of(ResultSet row) throws SQLException {
      return new Generations(row.getLong(1), row.getObject(2, Long.class));
    }
  }

  /** The generation that is read now, by a statement of its own where requests read. */
  public static long live(VisibleRows visible, String name) {
    return visible.query(
        Set.of(),
        "select generation from projection where name = ?",
        row -> {
          row.next();
          return row.getLong(1);
        },
        name);
  }

  /** The SQL that takes the lock, unless another has it. */
  static String lockIfFree(String name) {
    return SELECT.replace("?", "'" + name + "'") + " skip locked";
  }

  /** Waits for the lock, as the first statement of a short transaction. */
  public Generations lockForTurn() {
    jdbc.execute(TURN);
    return lock();
  }

  /** Waits for the lock. */
  public Generations lock() {
    return jdbc.query(SELECT, (row, _) -> Generations.of(row), name).getFirst();
  }

  /** Has every batch, from now on, applied to this generation as well. */
  public void beginShadow(long generation) {
    jdbc.update("update projection set shadow_generation = ? where name = ?", generation, name);
  }

  /** Makes this generation the one that is read, and the only one. */
  public void makeLive(long generation) {
    jdbc.update(
        "update projection set generation = ?, shadow_generation = null where name = ?",
        generation,
        name);
  }
}
