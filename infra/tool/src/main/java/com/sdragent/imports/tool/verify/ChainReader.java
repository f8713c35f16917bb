package com.sdragent.imports.tool.verify;

import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * Reads the events in the order of their positions, chunk by chunk, so that no database snapshot
 * lasts long.
 */
final class ChainReader {
  private static final int CHUNK = 50_000;
  private static final int SIGNATURE_AND_FLAGS = 11 + 4;
  private static final int END = -1;

  private final Connection connection;

  ChainReader(Connection connection) {
    this.connection = connection;
  }

  /** Takes events; it returns false to get no more. */
  interface Reader {
    boolean take(ChainedEvent event) throws SQLException;
  }

  /** Takes rows in PostgreSQL's binary form; it returns false to get no more. */
  interface RowReader {
    boolean take(ByteBuffer row) throws SQLException;
  }

  /** The last position, or 0 when there is none. */
  long head() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("select coalesce(max(position), 0) from domain_event")) {
      row.next();
      return row.getLong(1);
    }
  }

  /** Reads the events after one position and up to another. */
  void read(long after, long through, Reader reader) throws SQLException {
    var last = new long[] {after};
    var taken = new int[1];
    do {
      taken[0] = 0;
      boolean more =
          read(
              last[0],
              through,
              CHUNK,
              event -> {
                taken[0]++;
                last[0] = event.position();
                return reader.take(event);
              });
      if (!more) return;
    } while (taken[0] == CHUNK);
  }

  /** The next few events after a position. */
  List<ChainedEvent> few(long after, int limit) throws SQLException {
    var events = new ArrayList<ChainedEvent>();
    read(after, Long.MAX_VALUE, limit, events::add);
    return events;
  }

  private boolean read(long after, long through, int limit, Reader reader) throws SQLException {
    return copy(
        connection,
        "select "
            + ChainedEvent.COLUMNS
            + " from domain_event where position > "
            + after
            + " and position <= "
            + through
            + " order by position limit "
            + limit,
        row -> reader.take(ChainedEvent.read(row)));
  }

  /**
   * Reads the rows that a query selects. COPY takes no parameters.
   *
   * @return whether the reader would have had more
   */
  static boolean copy(Connection connection, String query, RowReader reader) throws SQLException {
    CopyOut copy =
        connection
            .unwrap(PGConnection.class)
            .getCopyAPI()
            .copyOut("copy (" + query + ") to stdout (format binary)");
    boolean first = true;
    boolean more = true;
    for (byte[] data = copy.readFromCopy(); data != null; data = copy.readFromCopy()) {
      if (!more) continue; // The rows that were sent already have to be read away.
      ByteBuffer row = ByteBuffer.wrap(data);
      if (first) {
        row.position(SIGNATURE_AND_FLAGS);
        int extension = row.getInt();
        row.position(row.position() + extension);
        first = false;
      }
      if (!row.hasRemaining() || row.getShort() == END) continue;
      more = reader.take(row);
    }
    return more;
  }
}
