package com.sdragent.imports.access;

import com.sdragent.imports.web.ApiError;
import java.time.Duration;
import org.springframework.dao.DataAccessException;

/** An API key, which is looked up again as the next request would look it up. */
final class KeyCredential implements Credential {
  private final ApiKeys keys;
  private final String key;
  private final KnownKey before;
  private final Duration believed;
  private volatile long heldAt = System.nanoTime();

  /**
   * @param believed how long the key holds while the database cannot be asked
   */
  KeyCredential(ApiKeys keys, String key, KnownKey before, Duration believed) {
    this.keys = keys;
    this.key = key;
    this.before = before;
    this.believed = believed;
  }

  @Override
  public boolean holds() {
    try {
      // A key with other scopes or networks than before is another credential.
      if (keys.find(key).filter(before::isAs).isEmpty()) return false;
      heldAt = System.nanoTime();
      return true;
    } catch (DataAccessException | ApiError e) {
      return System.nanoTime() - heldAt < believed.toNanos();
    }
  }
}
