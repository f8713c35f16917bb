package com.sdragent.imports.query.web;

import com.sdragent.imports.web.StrictTime;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;

/** Where a page ended: a place in the order of the list, which no write can shift. */
public record Cursor(Instant createdAt, UUID id) {
  private static final int BYTES = 3 * Long.BYTES;

  /** The cursor as it travels in an address. */
  public String encoded() {
    byte[] bytes =
        ByteBuffer.allocate(BYTES)
            .putLong(ChronoUnit.MICROS.between(Instant.EPOCH, createdAt))
            .putLong(id.getMostSignificantBits())
            .putLong(id.getLeastSignificantBits())
            .array();
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** The cursor that this text encodes, or nothing when it is none. */
  public static Optional<Cursor> decoded(String text) {
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(text);
      if (bytes.length != BYTES) return Optional.empty();
      var buffer = ByteBuffer.wrap(bytes);
      Instant createdAt = Instant.EPOCH.plus(buffer.getLong(), ChronoUnit.MICROS);
      boolean storable = createdAt.isAfter(Instant.EPOCH) && createdAt.isBefore(StrictTime.LATEST);
      return storable
          ? Optional.of(new Cursor(createdAt, new UUID(buffer.getLong(), buffer.getLong())))
          : Optional.empty();
    } catch (IllegalArgumentException | ArithmeticException e) {
      return Optional.empty();
    }
  }
}
