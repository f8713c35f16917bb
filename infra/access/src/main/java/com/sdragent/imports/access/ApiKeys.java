package com.sdragent.imports.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Finds the caller of an API key by the key's SHA-256; the key itself is kept nowhere. A client
 * that guesses keys takes nothing from the owners of known keys: neither their place in memory nor
 * their turn at the database.
 */
final class ApiKeys {
  private static final int LONGEST_KEY = 256;
  private static final int MOST_CACHED = 10_000;
  private static final Duration REFUSED_FOR = Duration.ofSeconds(1);

  private final Map<String, Caller> configured;
  private final Duration believedFor;
  private final Cache<String, Known> known;
  private final Cache<String, Boolean> refused;
  private final KeyLooks renewals;
  private final KeyLooks guesses;

  /** A caller, and the time at which it was looked up. */
  private record Known(Caller caller, long nanos) {}

  ApiKeys(AccessProperties properties, JdbcTemplate jdbc) {
    this(properties, hashes -> stored(jdbc, hashes));
  }

  ApiKeys(AccessProperties properties, KeyLooks.Look look) {
    configured = configured(properties.apiKeys());
    believedFor = properties.cacheKeysFor();
    known = Caffeine.newBuilder().maximumSize(MOST_CACHED).build();
    refused = Caffeine.newBuilder().maximumSize(MOST_CACHED).expireAfterWrite(REFUSED_FOR).build();
    renewals = new KeyLooks(look);
    guesses = new KeyLooks(look);
  }

  static boolean isWellFormed(String key) {
    if (key.isEmpty() || key.length() > LONGEST_KEY) return false;
    for (int i = 0; i < key.length(); i++) {
      if (key.charAt(i) <= ' ' || key.charAt(i) >= 0x7f) return false;
    }
    return true;
  }

  /**
   * The caller that this key belongs to.
   *
   * @throws org.springframework.dao.DataAccessException when the database does not answer
   */
  Optional<Caller> find(String key) {
    if (!isWellFormed(key)) return Optional.empty();
    String hash = sha256(key);
    Caller caller = configured.get(hash);
    if (caller != null) return Optional.of(caller);
    Known before = known.getIfPresent(hash);
    long now = System.nanoTime();
    if (before != null && now - before.nanos() < believedFor.toNanos()) {
      return Optional.of(before.caller());
    }
    if (before == null && refused.getIfPresent(hash) != null) return Optional.empty();
    Optional<Caller> found = (before == null ? guesses : renewals).find(hash);
    if (found.isPresent()) {
      known.put(hash, new Known(found.get(), now));
    } else {
      known.invalidate(hash);
      refused.put(hash, true);
    }
    return found;
  }

  private static Map<String, Caller> stored(JdbcTemplate jdbc, Set<String> hashes) {
    var callers = new HashMap<String, Caller>();
    byte[][] keys = hashes.stream().map(HexFormat.of()::parseHex).toArray(byte[][]::new);
    jdbc.query(
        """
        select key_hash, organization, name, scopes from api_key
        where key_hash = any(?) and revoked_at is null
        """,
        statement -> statement.setArray(1, statement.getConnection().createArrayOf("bytea", keys)),
        row -> {
          callers.put(
              HexFormat.of().formatHex(row.getBytes(1)),
              new Caller(
                  row.getObject(2, UUID.class),
                  row.getString(3),
                  grantable(List.of((String[]) row.getArray(4).getArray()))));
        });
    return callers;
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

  private static Map<String, Caller> configured(List<AccessProperties.ApiKey> keys) {
    var callers = new HashMap<String, Caller>();
    for (AccessProperties.ApiKey key : keys) {
      var caller =
          new Caller(
              Objects.requireNonNull(key.organization()),
              Objects.requireNonNull(key.name()),
              scopes(key.scopes().stream()));
      if (callers.put(sha256(Objects.requireNonNull(key.key())), caller) != null) {
        throw new IllegalArgumentException(
            "imports.access.api-keys has one key twice: give each entry a key of its own");
      }
    }
    return Map.copyOf(callers);
  }

  private static String sha256(String key) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
