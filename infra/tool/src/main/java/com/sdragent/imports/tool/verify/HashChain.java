package com.sdragent.imports.tool.verify;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;

/**
 * The hash chain, computed again from the columns alone by {@code infra/docs/hash-chain.md}. The
 * class shares no code with the service that wrote the chain.
 */
final class HashChain {
  static final int BYTES = 32;
  private static final byte LAYOUT = 1;
  private static final String SEVERAL =
      "several events have this position, and one of them was here first";

  private final MessageDigest sha256 = sha256();
  private long position;
  private byte[] before = new byte[BYTES];
  private byte[] hash = new byte[BYTES];

  /** The position of the last event that was found right; 0 before the first. */
  long position() {
    return position;
  }

  /** The hash at {@link #position}. */
  byte[] hash() {
    return hash.clone();
  }

  /** Goes on from a position whose hash is known to be right. */
  void startAfter(long known, byte[] itsHash) {
    position = known;
    hash = itsHash.clone();
  }

  /** Whether the event follows. Only then does the chain go on to it. */
  boolean follows(ChainedEvent event) {
    if (event.position() != position + 1) return false;
    byte[] expected = link(hash, event.position(), digest(event));
    if (!Arrays.equals(expected, event.hash())) return false;
    position = event.position();
    before = hash;
    hash = expected;
    return true;
  }

  /** The damage when an event does not follow because the chain has passed its position. */
  static Finding passed(ChainedEvent event) {
    return found("inserted", event.position(), SEVERAL);
  }

  /**
   * The damage at the position after the last right one.
   *
   * @param next the rows that the store holds from there on, two or three
   */
  Finding diagnose(List<ChainedEvent> next) {
    long expected = position + 1;
    if (next.isEmpty()) {
      return found("removed", expected, "the store had events from here on when it was begun with");
    }
    ChainedEvent here = next.getFirst();
    if (here.position() > expected) {
      return found(
          "removed", expected, "the store goes on with position %s".formatted(here.position()));
    }
    if (next.size() > 1 && next.get(1).position() == expected) {
      return found("inserted", expected, SEVERAL);
    }
    byte[] digest = digest(here);
    if (position > 0 && Arrays.equals(link(before, position, digest), here.hash())) {
      return found(
          "inserted", position, "it was linked in, but the event after it belongs in its place");
    }
    if (next.size() == 1) {
      return found("edited", expected, "it is the last event, and its hash does not match it");
    }
    ChainedEvent after = next.get(1);
    byte[] afterDigest = digest(after);
    if (Arrays.equals(link(hash, expected, afterDigest), after.hash())) {
      return Arrays.equals(link(after.hash(), expected + 1, digest), here.hash())
          ? found("reordered", expected, "it was exchanged with the event after it")
          : found("inserted", expected, "the event after it is the one that belongs here");
    }
    if (Arrays.equals(link(here.hash(), expected + 1, afterDigest), after.hash())) {
      return found("edited", expected, "the event after it follows the hash of what was here");
    }
    if (Arrays.equals(link(here.hash(), expected + 2, afterDigest), after.hash())) {
      return found("removed", expected, "the events after it were moved to close the gap");
    }
    byte[] right = link(hash, expected, digest);
    if (Arrays.equals(link(right, expected + 1, afterDigest), after.hash())) {
      return found("edited", expected, "its hash was changed, the event was not");
    }
    return found("reordered", expected, "another event took its place, or several were changed");
  }

  private static Finding found(String kind, long position, String text) {
    return new Finding(kind, position, null, text);
  }

  private byte[] link(byte[] previous, long at, byte[] digest) {
    return sha256.digest(
        ByteBuffer.allocate(BYTES + Long.BYTES + BYTES)
            .put(previous, 0, BYTES)
            .putLong(at)
            .put(digest)
            .array());
  }

  private byte[] digest(ChainedEvent event) {
    byte[] payload = sha256.digest(event.payload());
    byte[] metadata = sha256.digest(event.metadata());
    sha256.update(LAYOUT);
    sha256.update(event.aggregateId());
    sha256.update(eightBytes(event.sequenceNumber()));
    sha256.update(event.eventId());
    sha256.update(fourBytes(event.type().length));
    sha256.update(event.type());
    sha256.update(fourBytes(event.revision()));
    sha256.update(event.organization());
    sha256.update(eightBytes(event.occurredAt()));
    sha256.update(payload);
    return sha256.digest(metadata);
  }

  private static byte[] eightBytes(long number) {
    return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
  }

  private static byte[] fourBytes(int number) {
    return ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
