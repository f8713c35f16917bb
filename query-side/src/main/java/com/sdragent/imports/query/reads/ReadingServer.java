package com.sdragent.imports.query.reads;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where requests read.
 *
 * @param readFrom the primary, or a replica that follows it
 * @param replica where the replica is
 */
@ConfigurationProperties("imports.query")
record ReadingServer(@DefaultValue("primary") Kind readFrom, @DefaultValue Address replica) {

  /** What the server is. */
  enum Kind {
    PRIMARY,
    REPLICA
  }

  /**
   * The address of a replica.
   *
   * @param url of JDBC, perhaps of several servers; everything else is as for the primary
   */
  record Address(@Nullable String url) {}

  ReadingServer {
    String url = replica.url();
    if (readFrom == Kind.REPLICA && (url == null || !url.startsWith("jdbc:postgresql:"))) {
      throw new IllegalArgumentException(
          "imports.query.replica.url is missing or is no address of PostgreSQL, but"
              + " imports.query.read-from is replica: set it to an address such as"
              + " jdbc:postgresql://standby/imports, or set imports.query.read-from to primary"
              + " (infra/docs/operations.md#reads-from-a-replica)");
    }
  }

  /**
   * Makes sure that reads wait for a replica, which is always a little behind.
   *
   * @param maxWait how long a GET waits, as for projections
   */
  void requireWait(Duration maxWait) {
    if (readFrom == Kind.REPLICA && maxWait.isZero()) {
      throw new IllegalArgumentException(
          "imports.query.max-wait is 0, but imports.query.read-from is replica: every read that"
              + " finds the replica a moment behind would get 503, so set imports.query.max-wait to"
              + " a duration such as 1s, or imports.query.read-from to primary");
    }
  }

  /** The address to read from, or null for the primary's. */
  @Nullable String url() {
    return readFrom == Kind.REPLICA ? replica.url() : null;
  }
}
