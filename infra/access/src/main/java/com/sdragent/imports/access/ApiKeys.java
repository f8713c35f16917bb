package com.sdragent.imports.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.sdragent.imports.access.keys.KeyTable;
import com.sdragent.imports.access.keys.KeyToken;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Finds an API key by its id, and knows it by its SHA-256; the key itself is kept nowhere. A client
 * that guesses keys takes nothing from the owners of known keys: neither their place in memory nor
 * their turn at the database.
 */
final class ApiKeys {
  private static final int LONGEST_KEY = 256;
  private static final int MOST_CACHED = 10_000;
  private static final Duration REFUSED_FOR = Duration.ofSeconds(1);

  private final Map<String, KnownKey> configured;
  private final Duration believedFor;
  private final Refusals refusals;
  private final Cache<String, KnownKey> known;
  private final Cache<String, Refusal> refused;
  private final KeyLooks renewals;
  private final KeyLooks guesses;

  ApiKeys(AccessProperties properties, JdbcTemplate jdbc, Refusals refusals, MeterRegistry meters) {
    this(properties, ids -> stored(jdbc, ids), refusals, meters);
  }

  ApiKeys(
      AccessProperties properties, KeyLooks.Look look, Refusals refusals, MeterRegistry meters) {
    configured = configured(properties.apiKeys());
    believedFor = properties.cacheKeysFor();
    this.refusals = refusals;
    known = Caffeine.newBuilder().maximumSize(MOST_CACHED).build();
    refused = Caffeine.newBuilder().maximumSize(MOST_CACHED).expireAfterWrite(REFUSED_FOR).build();
    renewals = new KeyLooks(look, times("known", meters));
    guesses = new KeyLooks(look, times("unknown", meters));
  }

  private static Timer times(String of, MeterRegistry meters) {
    return Timer.builder("imports.access.look")
        .description("Time of a look at API keys in PostgreSQL, of those known before and others")
        .tag("of", of)
        .register(meters);
  }

  static boolean isWellFormed(String key) {
    if (key.isEmpty() || key.length() > LONGEST_KEY) return false;
    for (int i = 0; i < key.length(); i++) {
      if (key.charAt(i) <= ' ' || key.charAt(i) >= 0x7f) return false;
    }
    return true;
  }

  /**
   * The key that this is.
   *
   * @throws org.springframework.dao.DataAccessException when the database does not answer
   */
  Optional<KnownKey> find(String key) {
    if (!isWellFormed(key)) return refusals.because(Refusal.MALFORMED);
    String hash = KeyToken.sha256(key);
    KnownKey ours = configured.get(hash);
    if (ours != null) return Optional.of(ours);
    KnownKey before = known.getIfPresent(hash);
    long now = System.nanoTime();
    if (before != null && now - before.until() < 0) return Optional.of(before);
    Optional<KeyToken> token = KeyToken.parse(key);
    if (token.isEmpty()) return refusals.because(Refusal.MALFORMED);
    String id = token.get().id();
    Refusal lately = before == null ? refused.getIfPresent(hash) : null;
    if (lately != null) return refusals.because(lately, id);
    StoredKey stored = (before == null ? guesses : renewals).find(id).orElse(null);
    Refusal reason = refusal(stored, hash);
    if (stored == null || reason != null) {
      known.invalidate(hash);
      refused.put(hash, Objects.requireNonNull(reason));
      return refusals.because(reason, id);
    }
    var found =
        new KnownKey(
            stored.caller(),
            stored.networks(),
            stored.useIsNoted(),
            now + believed(stored.left(hash)));
    known.put(hash, found);
    return Optional.of(found);
  }

  private static @Nullable Refusal refusal(@Nullable StoredKey stored, String hash) {
    if (stored == null || !stored.hasHash(hash)) return Refusal.UNKNOWN;
    if (stored.isRevoked()) return Refusal.REVOKED;
    Duration left = stored.left(hash);
    return left == null || left.isPositive() ? null : Refusal.EXPIRED;
  }

  /** No key is believed beyond its own time. */
  private long believed(@Nullable Duration left) {
    return left == null || left.compareTo(believedFor) > 0 ? believedFor.toNanos() : left.toNanos();
  }

  private static Map<String, StoredKey> stored(JdbcTemplate jdbc, Set<String> ids) {
    var keys = new HashMap<String, StoredKey>();
    jdbc.query(
        """
        select id, organization, name, scopes, encode(secret_hash, 'hex'), encode(previous_hash, 'hex'),
          (extract(epoch from expires_at - now()) * 1000)::bigint,
          (extract(epoch from previous_until - now()) * 1000)::bigint,
          revoked_at is not null, allowed_networks::text[],
          coalesce(last_used_at >= date_trunc('hour', now()), false)
        from api_key where id = any(?)
        """,
        statement ->
            statement.setArray(1, statement.getConnection().createArrayOf("text", ids.toArray())),
        row -> {
          String id = row.getString(1);
          keys.put(
              id,
              new StoredKey(
                  new Caller(
                      row.getObject(2, UUID.class),
                      row.getString(3),
                      ActorKind.KEY,
                      id,
                      grantable(List.of((String[]) row.getArray(4).getArray()))),
                  row.getString(5),
                  row.getString(6),
                  millis(row.getObject(7, Long.class)),
                  millis(row.getObject(8, Long.class)),
                  row.getBoolean(9),
                  KeyTable.networks(row.getArray(10)),
                  row.getBoolean(11)));
        });
    return keys;
  }

  private static @Nullable Duration millis(@Nullable Long millis) {
    return millis == null ? null : Duration.ofMillis(millis);
  }

  /**
   * The scopes that an organization's key may allow: all except those that only configuration
   * gives.
   */
  private static Set<Scope> grantable(List<String> labels) {
    Set<Scope> scopes = scopes(labels.stream());
    scopes.remove(Scope.OPERATOR);
    return scopes;
  }

  static Set<Scope> scopes(Stream<String> labels) {
    Set<Scope> scopes = EnumSet.noneOf(Scope.class);
    labels.map(Scope::labelled).flatMap(Optional::stream).forEach(scopes::add);
    return scopes;
  }

  private static Map<String, KnownKey> configured(List<AccessProperties.ApiKey> keys) {
    var known = new HashMap<String, KnownKey>();
    for (AccessProperties.ApiKey key : keys) {
      var caller =
          new Caller(
              Objects.requireNonNull(key.organization()),
              Objects.requireNonNull(key.name()),
              ActorKind.KEY,
              null,
              scopes(key.scopes().stream()));
      var one = new KnownKey(caller, List.of(), true, 0);
      if (known.put(KeyToken.sha256(Objects.requireNonNull(key.key())), one) != null) {
        throw new IllegalArgumentException(
            "imports.access.api-keys has one key twice: give each entry a key of its own");
      }
    }
    return Map.copyOf(known);
  }
}
