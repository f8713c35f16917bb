package com.sdragent.imports.query.projection;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * Tuples in the binary form of PostgreSQL's COPY, as its documentation describes it. A value is a
 * UUID, a text, a whole number of 64 bits, a time or null.
 */
public final class CopyTuples {
  /**
   * So many rows are added with less work than by an insert of arrays, though it takes one round
   * trip more.
   */
  public static final int WORTH_IT = 10;

  private static final byte[] SIGNATURE = {
    'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0
  };
  private static final int AT_ONCE = 1 << 16;
  private static final int AT_LEAST = 1 << 10;
  private static final int NULL = -1;
  private static final int END = -1;
  private static final long MICROS = 1_000_000;

  /** PostgreSQL counts from the first second of the year 2000. */
  private static final long EPOCH_SECOND = 946_684_800;

  /** About as many as a value has. */
  private static final int OF_A_VALUE = 16;

  private ByteBuffer bytes;

  private CopyTuples(long values) {
    bytes = ByteBuffer.allocate((int) Math.min(AT_ONCE, OF_A_VALUE * (values + 2)) + AT_LEAST);
    // The header has no flags and no extension.
    bytes.put(SIGNATURE).putInt(0).putInt(0);
  }

  /**
   * Adds rows to a table, as fast as PostgreSQL takes them.
   *
   * @param target the table with its columns, such as {@code a (b, c)}
   * @param columns the values of those columns, in their order
   */
  public static <T> void copy(
      Connection connection,
      String target,
      List<? extends Function<? super T, ? extends @Nullable Object>> columns,
      Collection<T> rows)
      throws SQLException {
    if (rows.isEmpty()) return;
    CopyIn copy =
        connection
            .unwrap(PGConnection.class)
            .getCopyAPI()
            .copyIn("copy " + target + " from stdin (format binary)");
    try {
      var tuples = new CopyTuples((long) rows.size() * columns.size());
      for (T row : rows) {
        tuples.room(Short.BYTES).putShort((short) columns.size());
        for (var column : columns) tuples.add(column.apply(row));
        if (tuples.bytes.position() >= AT_ONCE) tuples.send(copy);
      }
      tuples.room(Short.BYTES).putShort((short) END);
      tuples.send(copy);
      copy.endCopy();
    } finally {
      if (copy.isActive()) copy.cancelCopy();
    }
  }

  private void add(@Nullable Object value) {
    switch (value) {
      case null -> room(Integer.BYTES).putInt(NULL);
      case String text -> {
        byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
        room(Integer.BYTES + encoded.length).putInt(encoded.length).put(encoded);
      }
      case UUID id ->
          room(Integer.BYTES + 2 * Long.BYTES)
              .putInt(2 * Long.BYTES)
              .putLong(id.getMostSignificantBits())
              .putLong(id.getLeastSignificantBits());
      case Instant time ->
          add((time.getEpochSecond() - EPOCH_SECOND) * MICROS + time.getNano() / 1000);
      case Long number -> add((long) number);
      default -> throw new IllegalArgumentException("No value of a column: " + value.getClass());
    }
  }

  private void add(long value) {
    room(Integer.BYTES + Long.BYTES).putInt(Long.BYTES).putLong(value);
  }

  /** Sends the tuples that were added since the last time. */
  private void send(CopyIn copy) throws SQLException {
    copy.writeToCopy(bytes.array(), 0, bytes.position());
    bytes.clear();
  }

  private ByteBuffer room(int more) {
    if (bytes.remaining() < more) {
      int position = bytes.position();
      bytes = ByteBuffer.wrap(Arrays.copyOf(bytes.array(), 2 * (position + more)));
      bytes.position(position);
    }
    return bytes;
  }
}
