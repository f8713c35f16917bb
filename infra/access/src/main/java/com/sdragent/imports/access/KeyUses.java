package com.sdragent.imports.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Notes in which hour keys were last used, for many keys with one statement. No request waits for
 * it. What cannot be written is lost, and noted again when the key is used later in the hour.
 */
final class KeyUses implements AutoCloseable {
  private static final int MOST_AT_ONCE = 10_000;
  private static final Duration GATHER = Duration.ofSeconds(1);

  /** Longer than a key is believed, so that the next look at it tells whether this was written. */
  private static final Duration NOTED_FOR = Duration.ofSeconds(10);

  private final JdbcTemplate jdbc;
  private final Set<String> used = ConcurrentHashMap.newKeySet();
  private final Cache<String, Boolean> noted =
      Caffeine.newBuilder().maximumSize(MOST_AT_ONCE).expireAfterWrite(NOTED_FOR).build();
  private final AtomicBoolean isWriting = new AtomicBoolean();
  private volatile boolean isClosed;

  KeyUses(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /** Notes that a key has just been used. */
  void note(KnownKey key) {
    String id = key.caller().keyId();
    if (key.useIsNoted() || id == null || noted.asMap().putIfAbsent(id, true) != null) return;
    used.add(id);
    writeSoon();
  }

  private void writeSoon() {
    if (isClosed || !isWriting.compareAndSet(false, true)) return;
    Thread.ofVirtual().name("key uses").start(this::gatherAndWrite);
  }

  private void gatherAndWrite() {
    try {
      Thread.sleep(GATHER);
      List<String> ids = List.copyOf(used);
      ids.forEach(used::remove);
      write(ids);
    } catch (InterruptedException | DataAccessException e) {
      // Nobody waits for this, and the outage is told by those who do.
    } finally {
      isWriting.set(false);
      if (!used.isEmpty()) writeSoon();
    }
  }

  /** Whoever changes one of the keys just now need not be waited for. */
  private void write(List<String> ids) {
    jdbc.update(
        """
        update api_key set last_used_at = date_trunc('hour', now())
        where id in (select id from api_key where id = any(?)
                       and (last_used_at is null or last_used_at < date_trunc('hour', now()))
                     for no key update skip locked)
        """,
        statement ->
            statement.setArray(1, statement.getConnection().createArrayOf("text", ids.toArray())));
  }

  @Override
  public void close() {
    isClosed = true;
  }
}
