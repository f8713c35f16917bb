package com.sdragent.imports.access.limits;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.sdragent.imports.access.limits.LimitProperties.KeyLimit;
import com.sdragent.imports.access.limits.LimitProperties.Limit;
import com.sdragent.imports.access.limits.LimitProperties.OrganizationLimits;
import io.github.bucket4j.TimeMeter;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Counts the requests of callers and organizations. What it tells follows {@code
 * draft-ietf-httpapi-ratelimit-headers-11}.
 */
public final class RequestLimits {
  /**
   * Of callers and organizations together. One that is forgotten earlier than it is full starts
   * full.
   */
  private static final int MOST_BUCKETS = 100_000;

  private final Limit perKey;
  private final Limit perOrganization;
  private final Map<String, Limit> keys = new HashMap<>();
  private final Map<UUID, OrganizationLimits> organizations = new HashMap<>();
  private final boolean areOn;
  private final TimeMeter clock;
  private final @Nullable SharedQuotas shared;
  private final Cache<Holder, Quota> quotas;
  private final Scope ofKeys;
  private final Scope ofOrganizations;
  private final Counter unshared;

  /** Limits by the system's clock. */
  public RequestLimits(LimitProperties properties, DataSource database, MeterRegistry meters) {
    this(properties, database, meters, TimeMeter.SYSTEM_NANOTIME);
  }

  RequestLimits(
      LimitProperties properties, DataSource database, MeterRegistry meters, TimeMeter clock) {
    perKey = properties.perKey();
    perOrganization = properties.perOrganization();
    for (KeyLimit key : properties.keys()) {
      keys.put(Objects.requireNonNull(key.id()), key.limit());
    }
    for (OrganizationLimits one : properties.organizations()) {
      organizations.put(Objects.requireNonNull(one.organization()), one);
    }
    this.clock = clock;
    shared = properties.shared() ? new SharedQuotas(database, meters) : null;
    areOn = limits(properties).anyMatch(limit -> !limit.isNone());
    quotas =
        Caffeine.newBuilder()
            .maximumSize(MOST_BUCKETS)
            // By then a bucket is full, as a new one is.
            .expireAfterAccess(
                limits(properties).map(Limit::window).max(Duration::compareTo).orElseThrow())
            .ticker(clock::currentTimeNanos)
            .build();
    ofKeys = new Scope("key", meters);
    ofOrganizations = new Scope("organization", meters);
    unshared =
        Counter.builder("imports.access.limits.unshared")
            .description("Requests counted by this node alone because PostgreSQL did not answer")
            .register(meters);
  }

  private static Stream<Limit> limits(LimitProperties properties) {
    return Stream.of(
            Stream.of(properties.perKey(), properties.perOrganization()),
            properties.organizations().stream()
                .flatMap(one -> Stream.of(one.perKey(), one.perOrganization()))
                .filter(Objects::nonNull),
            properties.keys().stream().map(KeyLimit::limit))
        .flatMap(each -> each);
  }

  /** What a caller is known by. */
  public enum Kind {
    /** The id of a key of the database. */
    KEY,
    /** The name of a key of the configuration. */
    CONFIGURED_KEY,
    /** The subject of a token. */
    TOKEN
  }

  /** Who has a bucket: a caller, or with nobody named its organization. */
  private record Holder(Limit limit, UUID organization, @Nullable Kind kind, String name) {

    /** How all nodes call it. The limit is a part, so that another one begins anew. */
    String text() {
      return String.join(
          " ",
          String.valueOf(limit.most()),
          String.valueOf(limit.window()),
          organization.toString(),
          String.valueOf(kind),
          name);
    }
  }

  /** One kind of bucket, and what was asked of all of them. */
  private record Scope(String name, Counter allowed, Counter limited) {
    Scope(String name, MeterRegistry meters) {
      this(name, counter(name, "allowed", meters), counter(name, "limited", meters));
    }

    private static Counter counter(String name, String outcome, MeterRegistry meters) {
      return Counter.builder("imports.access.limits")
          .description("Requests that a limit let through or refused")
          .tag("scope", name)
          .tag("outcome", outcome)
          .register(meters);
    }
  }

  /**
   * What a caller is told.
   *
   * @param refusedBy {@code key} or {@code organization}, or null when the request may go on
   * @param retryAfter seconds after which it makes sense to try again
   * @param policies the value of {@code RateLimit-Policy}, or null when nothing is limited
   * @param states the value of {@code RateLimit}, or null when nothing is limited
   */
  public record Answer(
      @Nullable String refusedBy,
      long retryAfter,
      @Nullable String policies,
      @Nullable String states) {}

  private static final Answer UNLIMITED = new Answer(null, 0, null, null);

  /** Whether anything is limited. */
  public boolean areOn() {
    return areOn;
  }

  /**
   * Counts a request.
   *
   * @param name what tells the caller apart from others of the same kind and organization
   */
  public Answer ask(UUID organization, Kind kind, String name) {
    OrganizationLimits own = organizations.get(organization);
    Limit forKey = forKey(own, kind, name);
    Limit forAll =
        own == null || own.perOrganization() == null ? perOrganization : own.perOrganization();
    if (forKey.isNone() && forAll.isNone()) return UNLIMITED;
    var told = new Told(new StringBuilder(64), new StringBuilder(64));
    Quota caller = forKey.isNone() ? null : quota(new Holder(forKey, organization, kind, name));
    if (caller != null) {
      Quota.Taken taken = caller.take();
      told.add(ofKeys, forKey, taken);
      if (!taken.isAllowed()) return told.refusedBy(ofKeys, taken);
    }
    if (!forAll.isNone()) {
      Quota.Taken taken = quota(new Holder(forAll, organization, null, "")).take();
      told.add(ofOrganizations, forAll, taken);
      if (!taken.isAllowed()) {
        if (caller != null) caller.giveBack();
        return told.refusedBy(ofOrganizations, taken);
      }
    }
    return told.answer(null, 0);
  }

  private Limit forKey(@Nullable OrganizationLimits own, Kind kind, String name) {
    Limit ofThisKey = kind == Kind.KEY ? keys.get(name) : null;
    if (ofThisKey != null) return ofThisKey;
    return own == null || own.perKey() == null ? perKey : own.perKey();
  }

  private Quota quota(Holder holder) {
    return quotas.get(
        holder,
        one ->
            shared == null
                ? new OwnQuota(one.limit(), clock)
                : new SharedQuota(one.text(), one.limit(), shared, clock, unshared::increment));
  }

  /** How many buckets are in memory. */
  long size() {
    quotas.cleanUp();
    return quotas.estimatedSize();
  }

  /** The two fields of an answer, which name one limit after the other. */
  private record Told(StringBuilder policies, StringBuilder states) {

    void add(Scope scope, Limit limit, Quota.Taken taken) {
      (taken.isAllowed() ? scope.allowed() : scope.limited()).increment();
      if (!policies.isEmpty()) {
        policies.append(", ");
        states.append(", ");
      }
      policies
          .append('"')
          .append(scope.name())
          .append("\";q=")
          .append(limit.most())
          .append(";w=")
          .append(limit.window().toSeconds());
      states
          .append('"')
          .append(scope.name())
          .append("\";r=")
          .append(taken.left())
          .append(";t=")
          .append(seconds(taken.nanosToNext()));
    }

    Answer refusedBy(Scope scope, Quota.Taken taken) {
      return answer(scope.name(), seconds(taken.nanosToNext()));
    }

    Answer answer(@Nullable String refusedBy, long retryAfter) {
      return new Answer(refusedBy, retryAfter, policies.toString(), states.toString());
    }
  }

  /** Rounded up: whoever comes back then is not refused. */
  private static long seconds(long nanos) {
    return Math.max(1, Math.ceilDiv(nanos, TimeUnit.SECONDS.toNanos(1)));
  }
}
