package com.sdragent.imports.eventstore;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;

/**
 * The SHA-256 of everything that an event holds except its position, which is not known before the
 * event is stored: PostgreSQL links it to the event before. Payload and metadata enter as digests
 * of their own, so that one of them could be erased and the rest still be checked against the
 * chain. The layout is that of {@code infra/docs/hash-chain.md}; every field is of fixed width or
 * says its length.
 */
final class EventDigest {
  private static final byte LAYOUT = 1;
  private static final int SHA_256_BYTES = 32;
  private static final int FIXED_BYTES = 1 + 3 * 16 + 2 * 8 + 2 * 4 + 2 * SHA_256_BYTES;

  private EventDigest() {}

  static byte[] of(
      UUID aggregateId,
      long sequenceNumber,
      UUID eventId,
      String type,
      int revision,
      UUID organization,
      Instant occurredAt,
      String payload,
      String metadata) {
    MessageDigest sha256 = sha256();
    byte[] name = type.getBytes(UTF_8);
    ByteBuffer event = ByteBuffer.allocate(FIXED_BYTES + name.length);
    event.put(LAYOUT);
    put(event, aggregateId);
    event.putLong(sequenceNumber);
    put(event, eventId);
    event.putInt(name.length).put(name);
    event.putInt(revision);
    put(event, organization);
    event.putLong(ChronoUnit.MICROS.between(Instant.EPOCH, occurredAt));
    event.put(sha256.digest(payload.getBytes(UTF_8)));
    event.put(sha256.digest(metadata.getBytes(UTF_8)));
    return sha256.digest(event.array());
  }

  private static void put(ByteBuffer event, UUID id) {
    event.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
