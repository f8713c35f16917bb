package com.sdragent.imports.benchmarks.fill;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sdragent.imports.events.ImportEvent;
import com.sdragent.imports.events.ImportEventType;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.UUID;

/**
 * An event as its row of {@code domain_event} is, but for the hash.
 *
 * @param payload JSON in UTF-8, read and never changed
 * @param metadata JSON in UTF-8, read and never changed
 */
@SuppressWarnings("ArrayRecordComponent")
record FilledEvent(
    long position,
    long sequence,
    UUID eventId,
    ImportEvent event,
    byte[] payload,
    byte[] metadata) {
  private static final int LARGEST_DIGESTED = 512;

  private static final long MICROS = 1_000_000;

  String type() {
    return ImportEventType.of(event).logicalName();
  }

  int revision() {
    return ImportEventType.of(event).revision();
  }

  static long micros(Instant time) {
    return time.getEpochSecond() * MICROS + time.getNano() / 1000;
  }

  /** The hash of this event after the one before it, by {@code infra/docs/hash-chain.md}. */
  byte[] hash(byte[] previous, MessageDigest sha256) {
    byte[] name = type().getBytes(UTF_8);
    ByteBuffer digested = ByteBuffer.allocate(LARGEST_DIGESTED);
    digested.put((byte) 1);
    put(digested, event.importId());
    digested.putLong(sequence);
    put(digested, eventId);
    digested.putInt(name.length).put(name);
    digested.putInt(revision());
    put(digested, event.orgId());
    digested.putLong(micros(event.occurredAt()));
    digested.put(sha256.digest(payload));
    digested.put(sha256.digest(metadata));
    sha256.update(digested.array(), 0, digested.position());
    byte[] digest = sha256.digest();
    sha256.update(previous);
    sha256.update(ByteBuffer.allocate(Long.BYTES).putLong(position).array());
    return sha256.digest(digest);
  }

  private static void put(ByteBuffer digested, UUID id) {
    digested.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
  }
}
