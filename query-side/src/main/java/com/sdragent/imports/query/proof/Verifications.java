package com.sdragent.imports.query.proof;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/** What {@code imports-tool} noted in the store. */
final class Verifications {
  private final JdbcTemplate jdbc;

  Verifications(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * What was done once.
   *
   * @param login the login role of the database that did it
   * @param kind verify or checkpoint
   * @param fromPosition the first position that was read
   * @param position the last position that was right
   * @param hash the hash there
   * @param compared whether the read model and the snapshots were held against the events as well
   * @param findings how much was wrong
   * @param firstFinding the first of it, or null
   * @param checkpoint by what the next checkpoint names this one; null when nothing was signed
   * @param key the SHA-256 of the public key that verifies it; null when nothing was signed
   */
  @JsonPropertyOrder({
    "id",
    "time",
    "login",
    "kind",
    "from_position",
    "position",
    "hash",
    "compared",
    "findings",
    "first_finding",
    "checkpoint",
    "key"
  })
  record Noted(
      @JsonProperty("id") long id,
      @JsonProperty("time") Instant time,
      @JsonProperty("login") String login,
      @JsonProperty("kind") String kind,
      @JsonProperty("from_position") long fromPosition,
      @JsonProperty("position") long position,
      @JsonProperty("hash") String hash,
      @JsonProperty("compared") boolean compared,
      @JsonProperty("findings") int findings,
      @JsonProperty("first_finding") @Nullable String firstFinding,
      @JsonProperty("checkpoint") @Nullable String checkpoint,
      @JsonProperty("key") @Nullable String key) {}

  /** So many that were noted before this one, the latest first. */
  List<Noted> latestBefore(long id, int limit) {
    return jdbc.query(
        """
        select id, noted_at, login, kind, from_position, position, encode(hash, 'hex'), compared,
               findings, first_finding, checkpoint, key
        from verification where id < ? order by id desc limit ?
        """,
        (row, _) ->
            new Noted(
                row.getLong(1),
                row.getObject(2, OffsetDateTime.class).toInstant(),
                row.getString(3),
                row.getString(4),
                row.getLong(5),
                row.getLong(6),
                row.getString(7),
                row.getBoolean(8),
                row.getInt(9),
                row.getString(10),
                row.getString(11),
                row.getString(12)),
        id,
        limit);
  }
}
