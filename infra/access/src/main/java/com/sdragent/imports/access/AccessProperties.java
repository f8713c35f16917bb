package com.sdragent.imports.access;

import com.sdragent.imports.access.keys.KeyToken;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Who may call.
 *
 * @param apiKeys keys given by configuration, besides those in the database
 * @param jwt how tokens are read
 * @param cacheKeysFor how long a key of the database is believed without asking again; a revoked
 *     key works for at most this long, and the answers that it opened end a second later; at most 3
 *     seconds
 * @param environment what new keys say of where they belong, as in {@code imp_live_…}
 */
@ConfigurationProperties("imports.access")
public record AccessProperties(
    @DefaultValue List<ApiKey> apiKeys,
    @DefaultValue Jwt jwt,
    @DefaultValue("3s") Duration cacheKeysFor,
    @DefaultValue("live") String environment) {
  private static final Duration LONGEST_BELIEVED = Duration.ofSeconds(3);
  private static final int SHORTEST_KEY = 16;

  public AccessProperties {
    for (int i = 0; i < apiKeys.size(); i++)
      apiKeys.get(i).validate("imports.access.api-keys[" + i + "]");
    require(
        !cacheKeysFor.isNegative() && cacheKeysFor.compareTo(LONGEST_BELIEVED) <= 0,
        "imports.access.cache-keys-for must be between 0s and 3s, so that a revoked key ends within"
            + " 5 seconds: set it to 3s or less");
    require(
        KeyToken.isEnvironment(environment),
        "imports.access.environment must be 1 to 20 small letters and digits: set it to a name such"
            + " as live");
  }

  /**
   * A key given by configuration.
   *
   * @param key the key as clients send it
   * @param organization the organization that the key acts for
   * @param name the key's name in the history
   * @param scopes the scopes that the key allows
   */
  public record ApiKey(
      @Nullable String key,
      @Nullable UUID organization,
      @Nullable String name,
      @DefaultValue({"imports:read", "imports:write"}) List<String> scopes) {

    private void validate(String property) {
      require(
          key != null && ApiKeys.isWellFormed(key) && key.length() >= SHORTEST_KEY,
          property
              + ".key must be set to 16 to 256 printable ASCII characters that nobody can guess,"
              + " such as those of openssl rand -hex 24");
      require(
          organization != null,
          property + ".organization must be set to the UUID of an organization");
      require(
          name != null && Actors.isPrintable(name),
          property + ".name must be set to 1 to 255 printable characters");
      for (String scope : scopes) {
        require(
            Scope.labelled(scope).isPresent(),
            property
                + ".scopes may only name imports:read, imports:write, imports:audit, admin,"
                + " operator");
      }
    }

    /** Leaves out the key, which is a secret. */
    @Override
    public String toString() {
      return "ApiKey[organization=" + organization + ", name=" + name + ", scopes=" + scopes + "]";
    }
  }

  /**
   * How tokens are read.
   *
   * @param organizationClaim the claim that names the organization
   * @param longestLife the longest time from a token's making to its end; a token with more is
   *     refused, and so is one without an end
   * @param fetchInterval the issuer's keys are asked for at most once in this time, whichever keys
   *     tokens name; a key that the issuer adds opens the service after this long at the latest
   */
  public record Jwt(
      @DefaultValue("org_id") String organizationClaim,
      @DefaultValue("24h") Duration longestLife,
      @DefaultValue("5s") Duration fetchInterval) {

    public Jwt {
      require(
          longestLife.isPositive(),
          "imports.access.jwt.longest-life must be positive: set it to a duration such as 24h");
      require(
          !fetchInterval.isNegative(),
          "imports.access.jwt.fetch-interval must not be negative: set it to a duration such as"
              + " 5s");
    }
  }

  private static void require(boolean holds, String message) {
    if (!holds) throw new IllegalArgumentException(message);
  }
}
