package com.sdragent.imports.query.proof;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.security.PublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Holds checkpoints against the events at their positions. It reads no others: whether each event
 * before them is unaltered is for {@code imports-tool verify} to say, which trusts no node.
 */
final class CheckpointChecks {
  private static final String HASH_OF_NOTHING = "0".repeat(64);

  private final JdbcTemplate jdbc;

  CheckpointChecks(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * What became of one checkpoint.
   *
   * @param store the hash at position 1 of its store; null in the first format, or of an empty one
   * @param key the SHA-256 of the public key that it names, or null in the first format
   * @param signature valid, or invalid, by the given keys; unchecked when the key that it names is
   *     not among them
   * @param sameStore whether it is of this store; null when it does not say
   * @param event same when the event at its position is there with its hash, which follows from the
   *     event and the hash before it; other when it is not that event; missing when the store ends
   *     before
   * @param follows whether it names the one before it in the file; null for the first, and in the
   *     first format
   */
  @JsonPropertyOrder({
    "format",
    "position",
    "hash",
    "time",
    "store",
    "key",
    "signature",
    "same_store",
    "event",
    "follows"
  })
  record Checked(
      @JsonProperty("format") String format,
      @JsonProperty("position") long position,
      @JsonProperty("hash") String hash,
      @JsonProperty("time") Instant time,
      @JsonProperty("store") @Nullable String store,
      @JsonProperty("key") @Nullable String key,
      @JsonProperty("signature") String signature,
      @JsonProperty("same_store") @Nullable Boolean sameStore,
      @JsonProperty("event") String event,
      @JsonProperty("follows") @Nullable Boolean follows) {

    private boolean isRight() {
      return signature.equals("valid")
          && !Boolean.FALSE.equals(sameStore)
          && event.equals("same")
          && !Boolean.FALSE.equals(follows);
    }
  }

  /**
   * What became of all of them.
   *
   * @param ok whether all are right
   * @param store the hash at position 1 of this store; null when it is empty
   * @param head the position of the last event of this store
   * @param covered the last position that one that is right covers; 0 when none is
   */
  @JsonPropertyOrder({"ok", "store", "head", "covered", "checkpoints"})
  record Outcome(
      @JsonProperty("ok") boolean ok,
      @JsonProperty("store") @Nullable String store,
      @JsonProperty("head") long head,
      @JsonProperty("covered") long covered,
      @JsonProperty("checkpoints") List<Checked> checkpoints) {}

  /** A hash that the store holds, and the one that follows from the event. */
  private record Link(String held, String computed) {
    boolean is(String hash) {
      return held.equals(hash) && computed.equals(hash);
    }
  }

  /**
   * Holds them against this store.
   *
   * @param file the checkpoints, in the order of their file
   * @param keys the public keys of those who may have signed them
   */
  Outcome check(List<SignedCheckpoint> file, List<PublicKey> keys) {
    Map<Long, Link> links =
        links(file.stream().map(SignedCheckpoint::position).toArray(Long[]::new));
    Link first = links.get(1L);
    String store = first == null ? null : first.held();
    long head = head();
    var checked = new ArrayList<Checked>();
    SignedCheckpoint before = null;
    for (SignedCheckpoint one : file) {
      checked.add(
          new Checked(
              one.format(),
              one.position(),
              one.hash(),
              one.time(),
              one.store(),
              one.key(),
              signature(one, keys),
              one.store() == null ? null : (Boolean) one.store().equals(store),
              event(one, links.get(one.position()), head),
              follows(one, before)));
      before = one;
    }
    long covered =
        checked.stream().filter(Checked::isRight).mapToLong(Checked::position).max().orElse(0);
    return new Outcome(checked.stream().allMatch(Checked::isRight), store, head, covered, checked);
  }

  private static @Nullable Boolean follows(
      SignedCheckpoint one, @Nullable SignedCheckpoint before) {
    if (before == null) return null;
    // Neither is ever written: an old one was put behind a newer one.
    if (one.position() < before.position() || (before.isLinked() && !one.isLinked())) return false;
    return one.isLinked() ? (Boolean) one.follows(before) : null;
  }

  private static String signature(SignedCheckpoint one, List<PublicKey> keys) {
    if (keys.stream().anyMatch(one::isSignedBy)) return "valid";
    boolean named =
        one.key() == null
            ? !keys.isEmpty()
            : keys.stream().map(SignedCheckpoint::nameOf).anyMatch(one.key()::equals);
    return named ? "invalid" : "unchecked";
  }

  private static String event(SignedCheckpoint one, @Nullable Link link, long head) {
    if (one.position() == 0) return one.hash().equals(HASH_OF_NOTHING) ? "same" : "other";
    if (link == null) return one.position() > head ? "missing" : "other";
    return link.is(one.hash()) ? "same" : "other";
  }

  private long head() {
    return Objects.requireNonNull(
        jdbc.queryForObject("select coalesce(max(position), 0) from domain_event", Long.class));
  }

  /** Of the events at these positions and at the first one. */
  private Map<Long, Link> links(Long[] positions) {
    var links = new HashMap<Long, Link>();
    jdbc.query(
        """
        select e.position, e.hash,
               domain_event_link(null, coalesce(b.hash, decode(repeat('00', 32), 'hex')), e.position,
                                 domain_event_digest(e))
        from domain_event e left join domain_event b on b.position = e.position - 1
        where e.position = any (?) or e.position = 1
        """,
        row -> {
          links.put(row.getLong(1), new Link(hex(row.getBytes(2)), hex(row.getBytes(3))));
        },
        (Object) positions);
    return links;
  }

  private static String hex(byte[] hash) {
    return HexFormat.of().formatHex(hash);
  }
}
