package com.sdragent.imports.access.limits;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How many requests are answered. What is more specific wins: a key's own limit, then its
 * organization's, then the one for all.
 *
 * @param perKey for each key, and for each subject of tokens
 * @param perOrganization for all keys and tokens of an organization together
 * @param organizations limits of single organizations
 * @param keys limits of single keys of the database
 * @param shared whether all nodes count together, in PostgreSQL, or each for itself
 */
@ConfigurationProperties("imports.access.limits")
public record LimitProperties(
    @DefaultValue Limit perKey,
    @DefaultValue Limit perOrganization,
    @DefaultValue List<OrganizationLimits> organizations,
    @DefaultValue List<KeyLimit> keys,
    @DefaultValue("false") boolean shared) {
  private static final long MOST_REQUESTS = 1_000_000_000;
  private static final Duration LONGEST_WINDOW = Duration.ofDays(1);

  public LimitProperties {
    perKey.validate("imports.access.limits.per-key");
    perOrganization.validate("imports.access.limits.per-organization");
    for (int i = 0; i < organizations.size(); i++)
      organizations.get(i).validate("imports.access.limits.organizations[" + i + "]");
    for (int i = 0; i < keys.size(); i++)
      keys.get(i).validate("imports.access.limits.keys[" + i + "]");
    require(
        organizations.stream().map(OrganizationLimits::organization).distinct().count()
            == organizations.size(),
        "imports.access.limits.organizations has one organization twice: give it one entry");
    require(
        keys.stream().map(KeyLimit::id).distinct().count() == keys.size(),
        "imports.access.limits.keys has one key twice: give it one entry");
  }

  /**
   * A limit: so many requests at once, which come back evenly over the window.
   *
   * @param requests how many; 0, or nothing, for as many as come
   * @param window in which all of them come back
   */
  public record Limit(@Nullable Long requests, @DefaultValue("1m") Duration window) {

    boolean isNone() {
      return most() == 0;
    }

    long most() {
      return requests == null ? 0 : requests;
    }

    double nanosPerRequest() {
      return (double) window.toNanos() / most();
    }

    double perSecond() {
      return (double) most() / window.toSeconds();
    }

    private void validate(String property) {
      require(
          most() >= 0 && most() <= MOST_REQUESTS,
          property
              + ".requests must be between 0 and "
              + MOST_REQUESTS
              + ": set it to 0 for no limit");
      require(
          window.isPositive()
              && window.equals(Duration.ofSeconds(window.toSeconds()))
              && window.compareTo(LONGEST_WINDOW) <= 0,
          property
              + ".window must be whole seconds between 1s and 24h: set it to a duration such as"
              + " 1m");
    }

    /** What is written for one of them counts instead of what counts for all. */
    private void validateWritten(String property) {
      require(requests != null, property + ".requests must be set: to 0 for as many as come, say");
      validate(property);
    }
  }

  /**
   * The limits of one organization. One that is left out is as for all.
   *
   * @param organization which one
   * @param perKey for each of its keys and subjects
   * @param perOrganization for all of them together
   */
  public record OrganizationLimits(
      @Nullable UUID organization, @Nullable Limit perKey, @Nullable Limit perOrganization) {

    private void validate(String property) {
      require(
          organization != null,
          property + ".organization must be set to the UUID of an organization");
      if (perKey != null) perKey.validateWritten(property + ".per-key");
      if (perOrganization != null) perOrganization.validateWritten(property + ".per-organization");
    }
  }

  /**
   * The limit of one key.
   *
   * @param id the key's id, as {@code /api-keys} lists it
   * @param requests as in {@link Limit}
   * @param window as in {@link Limit}
   */
  public record KeyLimit(
      @Nullable String id, @Nullable Long requests, @DefaultValue("1m") Duration window) {

    Limit limit() {
      return new Limit(requests, window);
    }

    private void validate(String property) {
      require(
          id != null && id.matches("[0-9A-Za-z]{12}"),
          property + ".id must be set to the id of a key: the 12 characters that /api-keys lists");
      limit().validateWritten(property);
    }
  }

  private static void require(boolean holds, String message) {
    if (!holds) throw new IllegalArgumentException(message);
  }
}
