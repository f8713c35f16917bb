package com.sdragent.imports.query.reads;

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

  /** The address to read from, or null for the primary's. */
  @Nullable String url() {
    return readFrom == Kind.REPLICA ? replica.url() : null;
  }
}
