package com.sdragent.imports.command.publication;

import java.time.Duration;
import java.util.UUID;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Says whose turn it is to publish, by the database's clock. It spares nodes from fencing each
 * other all the time. That nothing is published twice depends on Kafka's fencing, not on the lease.
 */
final class RelayLease {
  static final String NAME = "relay";

  private final JdbcTemplate jdbc;
  private final Duration length;
  private final UUID holder = UUID.randomUUID();
  private long renewedAt;
  private boolean held;

  RelayLease(JdbcTemplate jdbc, Duration length) {
    this.jdbc = jdbc;
    this.length = length;
  }

  /** Takes or keeps the lease. It asks the database only when a third of the time has passed. */
  synchronized boolean isOurs() {
    long now = System.nanoTime();
    if (held && now - renewedAt < length.toNanos() / 3) return true;
    int rows =
        jdbc.update(
            """
            insert into lease as l (name, holder, expires_at)
            values (?, ?, clock_timestamp() + ? * interval '1 millisecond')
            on conflict (name) do update
              set holder = excluded.holder, expires_at = excluded.expires_at
              where l.holder = excluded.holder or l.expires_at < clock_timestamp()
                or l.expires_at > clock_timestamp() + ? * interval '1 millisecond'
            """,
            NAME,
            holder,
            length.toMillis(),
            LeaseKeeper.MOST_LENGTHS_AHEAD * length.toMillis());
    held = rows == 1;
    // The time counts from before the statement, so this node never believes in the lease for
    // longer than the database.
    renewedAt = now;
    return held;
  }

  /** The holder of the lease while it is this node's. */
  UUID holder() {
    return holder;
  }

  /** Lets another node begin at once. */
  synchronized void giveUp() {
    held = false;
    jdbc.update("delete from lease where name = ? and holder = ?", NAME, holder);
  }
}
