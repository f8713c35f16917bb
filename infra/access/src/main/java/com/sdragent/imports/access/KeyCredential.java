package com.sdragent.imports.access;

import com.sdragent.imports.web.ApiError;
import java.time.Duration;
import java.util.Optional;
import org.springframework.dao.DataAccessException;

/** An API key, which is looked up again as the next request would look it up. */
final class KeyCredential implements Credential {
  /** How long a key holds after the time to look it up again, while the database is away. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final ApiKeys keys;
  private final String key;
  private final KnownKey before;
  private volatile KnownKey last;

  KeyCredential(ApiKeys keys, String key, KnownKey before) {
    this.keys = keys;
    this.key = key;
    this.before = before;
    last = before;
  }

  @Override
  public boolean holds() {
    try {
      // A key with other scopes or networks than before is another credential.
      Optional<KnownKey> found = keys.find(key).filter(before::isAs);
      if (found.isEmpty()) return false;
      last = found.get();
      return true;
    } catch (DataAccessException | ApiError e) {
      // It counts from the last look, not from the last time that the look was believed.
      return System.nanoTime() - last.until() < PATIENCE.toNanos();
    }
  }
}
