package com.sdragent.imports.tool.verify;

import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * Reads the events in the order of their positions, chunk by chunk, so that no database snapshot
 * lasts long.
 */
final class ChainReader {
  private static final long CHUNK = 50_000;
  private static final int SIGNATURE_AND_FLAGS = 11 + 4;
  private static final int END = -1;

  private final Connection connection;
  private final long chunk;

  ChainReader(Connection connection) {
    this(connection, CHUNK);
  }

  /** One that reads so many positions at a time. */
  ChainReader(Connection connection, long chunk) {
    this.connection = connection;
    this.chunk = chunk;
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
    return number("select coalesce(max(position), 0) from public.domain_event").orElse(0);
  }

  /** The lowest position, which {@link #read} may not have come by; nothing in an empty store. */
  OptionalLong first() throws SQLException {
    return number("select min(position) from public.domain_event");
  }

  /** How many events have no position, which no reading by positions comes by. */
  long withoutPosition() throws SQLException {
    return number("select count(*) from public.domain_event where position is null").orElse(0);
  }

  /** Whether this is a standby, to which what the primary has comes later. */
  boolean isBehindAnother() throws SQLException {
    return number("select case when pg_is_in_recovery() then 1 end").isPresent();
  }

  private OptionalLong number(String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      long number = row.getLong(1);
      return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(number);
    }
  }

  /**
   * Reads all events after one position and up to another, with each that shares its position,
   * until there is a gap as long as a chunk.
   */
  void read(long after, long through, Reader reader) throws SQLException {
    var taken = new int[1];
    for (long last = after; last < through; last += chunk) {
      taken[0] = 0;
      // A chunk is a range and no number of rows: it ends between two positions.
      boolean more =
          copy(
              last,
              "and position <= " + (through - last > chunk ? last + chunk : through),
              event -> {
                taken[0]++;
                return reader.take(event);
              });
      if (!more || taken[0] == 0) return;
    }
  }

  /** The next few events after a position. */
  List<ChainedEvent> few(long after, int limit) throws SQLException {
    var events = new ArrayList<ChainedEvent>();
    copy(after, "order by position limit " + limit, events::add);
    return events;
  }

  private boolean copy(long after, String more, Reader reader) throws SQLException {
    return copy(
        connection,
        "select * from (select "
            + ChainedEvent.COLUMNS
            + " from public.domain_event where position > "
            + after
            + " "
            + more
            + ") e order by position",
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
