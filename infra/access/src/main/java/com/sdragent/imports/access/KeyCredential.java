package com.sdragent.imports.access;

import com.sdragent.imports.web.ApiError;
import java.time.Duration;
import org.springframework.dao.DataAccessException;

/** An API key that is looked up again, as the next request would. */
final class KeyCredential implements Credential {
  private final ApiKeys keys;
  private final String key;
  private final Caller caller;
  private final Duration believed;
  private volatile long heldAt = System.nanoTime();

  /**
   * @param believed for how long it holds while the database cannot be asked
   */
  KeyCredential(ApiKeys keys, String key, Caller caller, Duration believed) {
    this.keys = keys;
    this.key = key;
    this.caller = caller;
    this.believed = believed;
  }

  @Override
  public boolean holds() {
    try {
      // With other scopes than before it is another credential.
      if (keys.find(key).filter(caller::equals).isEmpty()) return false;
      heldAt = System.nanoTime();
      return true;
    } catch (DataAccessException | ApiError e) {
      return System.nanoTime() - heldAt < believed.toNanos();
    }
  }
}
