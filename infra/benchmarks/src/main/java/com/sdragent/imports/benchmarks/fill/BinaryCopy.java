package com.sdragent.imports.benchmarks.fill;

import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * Rows on their way into a table, in the binary form of PostgreSQL's COPY.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-copy.html">PostgreSQL, COPY</a>
 */
final class BinaryCopy {
  private static final byte[] SIGNATURE = {
    'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0
  };
  private static final int AT_ONCE = 1 << 16;
  private static final int LARGEST_ROW = 1 << 14;

  /** PostgreSQL counts from the first second of the year 2000. */
  private static final long EPOCH_MICROS = 946_684_800_000_000L;

  private final CopyIn copy;
  private final ByteBuffer bytes = ByteBuffer.allocate(AT_ONCE + LARGEST_ROW);

  /**
   * Begins.
   *
   * @param target the table with its columns, such as {@code a (b, c)}
   */
  BinaryCopy(Connection connection, String target) throws SQLException {
    copy =
        connection
            .unwrap(PGConnection.class)
            .getCopyAPI()
            .copyIn("copy " + target + " from stdin (format binary)");
    bytes.put(SIGNATURE).putInt(0).putInt(0);
  }

  /** Begins a row of so many values, which are added next. */
  BinaryCopy row(int values) throws SQLException {
    if (bytes.position() >= AT_ONCE) send();
    bytes.putShort((short) values);
    return this;
  }

  BinaryCopy add(long number) {
    bytes.putInt(Long.BYTES).putLong(number);
    return this;
  }

  BinaryCopy add(int number) {
    bytes.putInt(Integer.BYTES).putInt(number);
    return this;
  }

  BinaryCopy add(Instant time) {
    return add(FilledEvent.micros(time) - EPOCH_MICROS);
  }

  BinaryCopy add(@Nullable UUID id) {
    if (id == null) return add((byte[]) null);
    bytes.putInt(2 * Long.BYTES);
    bytes.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
    return this;
  }

  /** Adds a text in UTF-8 or bytes, as they are, or null. */
  BinaryCopy add(byte @Nullable [] value) {
    if (value == null) {
      bytes.putInt(-1);
    } else {
      bytes.putInt(value.length).put(value);
    }
    return this;
  }

  /** Ends the rows, which are in the table then. */
  void end() throws SQLException {
    bytes.putShort((short) -1);
    send();
    copy.endCopy();
  }

  private void send() throws SQLException {
    copy.writeToCopy(bytes.array(), 0, bytes.position());
    bytes.clear();
  }
}
