package com.sdragent.imports.access;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.sdragent.imports.access.keys.Network;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A key as one look at the database found it, with all times by the database's clock.
 *
 * @param hash the SHA-256 of the key, in hexadecimal digits
 * @param previousHash that of the key before the last rotation, or null
 * @param left how long the key still works, or null when it does not expire
 * @param previousLeft how long the key before still works, or null when there is none
 * @param useIsNoted whether it is noted that the key was used in the present hour
 */
record StoredKey(
    Caller caller,
    String hash,
    @Nullable String previousHash,
    @Nullable Duration left,
    @Nullable Duration previousLeft,
    boolean isRevoked,
    List<Network> networks,
    boolean useIsNoted) {

  /** Whether this is the key, or was before the last rotation. */
  boolean hasHash(String shown) {
    return isCurrent(shown) || isPrevious(shown);
  }

  /** How long a key with this hash still works; zero or less when it does not, null for ever. */
  @Nullable Duration left(String shown) {
    if (isCurrent(shown) || previousLeft == null) return left;
    return left == null || previousLeft.compareTo(left) < 0 ? previousLeft : left;
  }

  private boolean isCurrent(String shown) {
    return areSame(hash, shown);
  }

  private boolean isPrevious(String shown) {
    return previousHash != null && areSame(previousHash, shown);
  }

  /** Takes the same time wherever they differ. */
  private static boolean areSame(String one, String other) {
    return MessageDigest.isEqual(one.getBytes(US_ASCII), other.getBytes(US_ASCII));
  }
}
