package com.sdragent.imports.eventstore.append;

import com.sdragent.imports.eventstore.sessions.DedicatedConnections;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session of PostgreSQL that is ready to store batches: it always has its connection, its
 * settings and the prepared statement, and that for keys from the first key on. A session that
 * failed is closed, and a new one takes its place.
 */
public final class AppendSession implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AppendSession.class);

  /**
   * The wait for the lock ends this long before the command gives up, so that the command learns of
   * it.
   */
  static final Duration TIME_TO_TELL = Duration.ofMillis(100);

  /** How long an answer is waited for when no command waits for it any more. */
  private static final Duration LAST_PATIENCE = Duration.ofMillis(500);

  /** Looks at the server that a new session leads to. */
  @FunctionalInterface
  public interface Arrival {
    /**
     * Takes a look.
     *
     * @param lastStored the last event that this node knows to be stored, or null
     */
    void at(Connection connection, @Nullable SeenEvent lastStored) throws SQLException;
  }

  private final Connection connection;
  private final EventStoreProperties properties;
  private boolean isPreparedForKeys;

  private AppendSession(Connection connection, EventStoreProperties properties) {
    this.connection = connection;
    this.properties = properties;
  }

  /**
   * Opens a session, and has the server that it leads to looked at.
   *
   * @param lastStored the last event that this node knows to be stored, or null
   */
  static AppendSession open(
      DedicatedConnections connections,
      EventStoreProperties properties,
      Arrival arrival,
      @Nullable SeenEvent lastStored)
      throws SQLException {
    Connection connection =
        connections.openForMessages(
            "imports appender", properties.statementTimeout().plusSeconds(1));
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "set statement_timeout = "
              + properties.statementTimeout().toMillis()
              + "; "
              + AppendStatement.PLAN_SETTINGS);
      statement.execute(AppendStatement.PREPARE);
      arrival.at(connection, lastStored);
      return new AppendSession(connection, properties);
    } catch (SQLException | RuntimeException | Error e) {
      connection.close();
      throw e;
    }
  }

  /**
   * The result of an insert.
   *
   * @param after the position of the log's last event before those that were stored
   * @param afterEvent the id of that event, or null when there was none
   * @param refused the numbers of the batch's rows, from 1, that were not stored
   * @param found what is known of the keys of those commands that have one, by their numbers in the
   *     batch, from 0
   */
  record Inserted(
      long after,
      @Nullable UUID afterEvent,
      Set<Long> refused,
      Map<Integer, KeyedAppend.Found> found) {}

  /**
   * Stores those commands of a batch that have no conflict, in their order.
   *
   * @param lookAtAll whether imports that are created are looked for as well; otherwise one that
   *     exists fails the batch with {@link AppendStatement#EXISTS}
   */
  Inserted insert(List<PendingAppend> batch, boolean lookAtAll) throws SQLException {
    Duration longest = Duration.ZERO;
    Duration shortest = properties.appendTimeout();
    boolean isKeyed = false;
    for (PendingAppend pending : batch) {
      isKeyed |= pending.keyed() != null;
      Duration left = pending.left();
      if (left.compareTo(longest) > 0) longest = left;
      if (left.compareTo(shortest) < 0) shortest = left;
    }
    // A timeout of 0 would be no limit.
    long waitForLock = Math.max(1, shortest.minus(TIME_TO_TELL).toMillis());
    String message =
        AppendStatement.message(
            waitForLock, properties.statementTimeout().toMillis(), batch, lookAtAll, isKeyed);
    connection.setNetworkTimeout(
        Runnable::run, Math.toIntExact(longest.plus(LAST_PATIENCE).toMillis()));
    try (Statement statement = connection.createStatement()) {
      statement.setEscapeProcessing(false);
      // Where keys cannot be kept, commands without one are stored all the same.
      if (isKeyed && !isPreparedForKeys) statement.execute(AppendStatement.PREPARE_KEYED);
      isPreparedForKeys |= isKeyed;
      statement.execute(message);
      for (int result = 0; result < AppendStatement.STORED; result++) statement.getMoreResults();
      try (ResultSet told = statement.getResultSet()) {
        told.next();
        Long[] refused = (Long[]) told.getArray(3).getArray();
        return new Inserted(
            told.getLong(1),
            told.getObject(2, UUID.class),
            Set.of(refused),
            isKeyed ? found(told) : Map.of());
      }
    }
  }

  /** From the row on that the result is at: one for each key. */
  private static Map<Integer, KeyedAppend.Found> found(ResultSet told) throws SQLException {
    var found = new HashMap<Integer, KeyedAppend.Found>();
    do {
      UUID attempt = told.getObject(6, UUID.class);
      found.put(
          told.getInt(4),
          new KeyedAppend.Found(
              told.getBoolean(5),
              attempt == null
                  ? null
                  : new KeyedAppend.First(attempt, told.getString(7), told.getString(8))));
    } while (told.next());
    return found;
  }

  /**
   * The ids of the events that are stored where the first ones of these commands would be,
   * whichever session stored them.
   */
  Set<UUID> stored(List<PendingAppend> commands) throws SQLException {
    var stored = new HashSet<UUID>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "select event_id from domain_event join unnest(?::uuid[], ?::bigint[]) as e(import,"
                + " sequence) on aggregate_id = import and sequence_number = sequence")) {
      Object[] imports = commands.stream().map(PendingAppend::aggregateId).toArray();
      Object[] sequences = commands.stream().map(one -> one.follows() + 1).toArray();
      select.setArray(1, connection.createArrayOf("uuid", imports));
      select.setArray(2, connection.createArrayOf("bigint", sequences));
      try (ResultSet ids = select.executeQuery()) {
        while (ids.next()) stored.add(ids.getObject(1, UUID.class));
      }
    }
    return stored;
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      log.debug("Closing a broken connection failed", e);
    }
  }
}
