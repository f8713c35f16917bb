package com.sdragent.imports.query.view;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.postgresql.copy.CopyIn;

/** Tuples in the binary form of PostgreSQL's COPY. */
final class CopyTuples {
  private static final byte[] SIGNATURE = {
    'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0
  };
  private static final int NULL = -1;
  private static final int END = -1;
  private static final long MICROS = 1_000_000;

  /** PostgreSQL counts from the first second of the year 2000. */
  private static final long EPOCH_SECOND = 946_684_800;

  private ByteBuffer bytes = ByteBuffer.allocate(1 << 17);

  CopyTuples() {
    // No flags and no extension of the header.
    bytes.put(SIGNATURE).putInt(0).putInt(0);
  }

  void begin(int columns) {
    room(Short.BYTES).putShort((short) columns);
  }

  void end() {
    room(Short.BYTES).putShort((short) END);
  }

  void add(@Nullable UUID value) {
    if (value == null) {
      room(Integer.BYTES).putInt(NULL);
      return;
    }
    room(Integer.BYTES + 2 * Long.BYTES)
        .putInt(2 * Long.BYTES)
        .putLong(value.getMostSignificantBits())
        .putLong(value.getLeastSignificantBits());
  }

  void add(@Nullable String value) {
    if (value == null) {
      room(Integer.BYTES).putInt(NULL);
      return;
    }
    byte[] text = value.getBytes(StandardCharsets.UTF_8);
    room(Integer.BYTES + text.length).putInt(text.length).put(text);
  }

  void add(long value) {
    room(Integer.BYTES + Long.BYTES).putInt(Long.BYTES).putLong(value);
  }

  void add(Instant time) {
    add((time.getEpochSecond() - EPOCH_SECOND) * MICROS + time.getNano() / 1000);
  }

  int size() {
    return bytes.position();
  }

  /** Sends what was added since the last time. */
  void send(CopyIn copy) throws SQLException {
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
