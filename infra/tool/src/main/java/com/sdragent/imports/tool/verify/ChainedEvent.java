package com.sdragent.imports.tool.verify;

import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * A row of {@code domain_event} as PostgreSQL sends it in its binary form: the hash is over the
 * received bytes, and nothing passes through a Java type on the way.
 *
 * @param occurredAt microseconds since 1970-01-01T00:00:00Z
 */
@SuppressWarnings("ArrayRecordComponent")
record ChainedEvent(
    long position,
    byte[] aggregateId,
    long sequenceNumber,
    byte[] eventId,
    byte[] type,
    int revision,
    byte[] organization,
    long occurredAt,
    byte[] payload,
    byte[] metadata,
    byte[] hash) {

  /** The columns in the order in which {@link #read} takes them. */
  static final String COLUMNS =
      "position, aggregate_id, sequence_number, event_id, event_type, revision, organization,"
          + " occurred_at, payload, metadata, hash";

  private static final int NULL = -1;
  private static final long MICROS_FROM_1970_TO_2000 = 946_684_800_000_000L;

  /** The columns of one row of a binary COPY. */
  static ChainedEvent read(ByteBuffer row) {
    return new ChainedEvent(
        number(row),
        bytes(row),
        number(row),
        bytes(row),
        bytes(row),
        (int) number(row),
        bytes(row),
        number(row) + MICROS_FROM_1970_TO_2000,
        bytes(row),
        bytes(row),
        bytes(row));
  }

  static UUID uuid(byte[] bytes) {
    ByteBuffer id = ByteBuffer.wrap(bytes);
    return new UUID(id.getLong(), id.getLong());
  }

  /** The lowest there is for null, which is the number of no event. */
  static long number(ByteBuffer row) {
    int length = row.getInt();
    if (length == NULL) return Long.MIN_VALUE;
    return length == Integer.BYTES ? row.getInt() : row.getLong();
  }

  /** Empty for null, which the store forbids and the chain therefore does not know. */
  static byte[] bytes(ByteBuffer row) {
    var bytes = new byte[Math.max(0, row.getInt())];
    row.get(bytes);
    return bytes;
  }
}
