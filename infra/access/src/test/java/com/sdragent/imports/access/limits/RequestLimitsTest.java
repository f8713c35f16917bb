package com.sdragent.imports.access.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sdragent.imports.access.limits.LimitProperties.KeyLimit;
import com.sdragent.imports.access.limits.LimitProperties.Limit;
import com.sdragent.imports.access.limits.LimitProperties.OrganizationLimits;
import com.sdragent.imports.access.limits.RequestLimits.Kind;
import io.github.bucket4j.TimeMeter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

class RequestLimitsTest {
  private static final Limit NONE = new Limit(0L, Duration.ofMinutes(1));
  private static final UUID OURS = UUID.fromString("123e4567-e89b-12d3-a456-426614174000");
  private static final UUID OTHERS = UUID.fromString("223e4567-e89b-12d3-a456-426614174000");

  private final Clock clock = new Clock();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

  private static final class Clock implements TimeMeter {
    private long nanos = Duration.ofDays(1).toNanos();

    @Override
    public long currentTimeNanos() {
      return nanos;
    }

    @Override
    public boolean isWallClockBased() {
      return false;
    }

    void pass(Duration time) {
      nanos += time.toNanos();
    }
  }

  @Test
  void as_many_as_allowed_come_at_once_and_then_come_back_evenly() {
    RequestLimits limits = limits(perMinute(6), NONE);
    for (int left = 5; left >= 0; left--) {
      RequestLimits.Answer allowed = limits.ask(OURS, Kind.KEY, "a");
      assertThat(allowed.refusedBy()).isNull();
      assertThat(allowed.policies()).isEqualTo("\"key\";q=6;w=60");
      assertThat(allowed.states()).isEqualTo("\"key\";r=" + left + ";t=10");
    }
    RequestLimits.Answer refused = limits.ask(OURS, Kind.KEY, "a");
    assertThat(refused.refusedBy()).isEqualTo("key");
    assertThat(refused.retryAfter()).isEqualTo(10);
    clock.pass(Duration.ofSeconds(9));
    assertThat(limits.ask(OURS, Kind.KEY, "a").retryAfter()).isEqualTo(1);
    clock.pass(Duration.ofSeconds(1));
    assertThat(limits.ask(OURS, Kind.KEY, "a").refusedBy()).isNull();
    assertThat(limits.ask(OURS, Kind.KEY, "a").refusedBy()).isEqualTo("key");
    assertThat(count("key", "allowed")).isEqualTo(7);
    assertThat(count("key", "limited")).isEqualTo(3);
  }

  @Test
  void keys_and_subjects_of_the_same_name_have_requests_of_their_own() {
    RequestLimits limits = limits(perMinute(1), NONE);
    for (UUID organization : List.of(OURS, OTHERS)) {
      for (Kind kind : Kind.values()) {
        assertThat(limits.ask(organization, kind, "a").refusedBy()).isNull();
        assertThat(limits.ask(organization, kind, "a").refusedBy()).isEqualTo("key");
      }
    }
  }

  @Test
  void keys_share_their_organization_s_requests_and_its_refusal_costs_them_nothing() {
    RequestLimits limits = limits(perMinute(2), perMinute(3));
    assertThat(limits.ask(OURS, Kind.KEY, "a").policies())
        .isEqualTo("\"key\";q=2;w=60, \"organization\";q=3;w=60");
    limits.ask(OURS, Kind.KEY, "a");
    assertThat(limits.ask(OURS, Kind.KEY, "b").refusedBy()).isNull();
    RequestLimits.Answer refused = limits.ask(OURS, Kind.KEY, "b");
    assertThat(refused.refusedBy()).isEqualTo("organization");
    assertThat(refused.states()).contains("\"organization\";r=0");
    assertThat(limits.ask(OTHERS, Kind.KEY, "b").refusedBy()).isNull();
    clock.pass(Duration.ofSeconds(20));
    assertThat(limits.ask(OURS, Kind.KEY, "b").refusedBy()).isNull();
  }

  @Test
  void a_limit_of_a_key_wins_over_one_of_its_organization_and_that_over_the_default() {
    RequestLimits limits =
        limits(
            perMinute(1),
            perMinute(9),
            List.of(
                new OrganizationLimits(OURS, perMinute(2), null),
                new OrganizationLimits(OTHERS, NONE, NONE)),
            List.of(new KeyLimit("KeyKeyKeyKey", 3L, Duration.ofHours(1))));
    assertThat(limits.ask(OURS, Kind.KEY, "KeyKeyKeyKey").policies())
        .isEqualTo("\"key\";q=3;w=3600, \"organization\";q=9;w=60");
    assertThat(limits.ask(OURS, Kind.TOKEN, "KeyKeyKeyKey").policies()).startsWith("\"key\";q=2;");
    assertThat(limits.ask(OTHERS, Kind.KEY, "a").policies()).isNull();
    assertThat(limits.ask(UUID.randomUUID(), Kind.KEY, "a").policies()).startsWith("\"key\";q=1;");
  }

  @Test
  void a_bucket_that_is_full_again_is_forgotten() {
    RequestLimits limits = limits(perMinute(1), perMinute(1000));
    for (int i = 0; i < 100; i++) limits.ask(OURS, Kind.TOKEN, "subject " + i);
    assertThat(limits.size()).isEqualTo(101);
    clock.pass(Duration.ofMinutes(1));
    assertThat(limits.size()).isZero();
    assertThat(limits.ask(OURS, Kind.TOKEN, "subject 0").refusedBy()).isNull();
  }

  @Test
  void nothing_is_limited_until_it_is_configured() {
    assertThat(limits(NONE, NONE).areOn()).isFalse();
    assertThat(limits(NONE, perMinute(1)).areOn()).isTrue();
  }

  @Test
  void settings_that_make_no_sense_are_refused_by_name() {
    refused(
        () -> limits(new Limit(-1L, Duration.ofMinutes(1)), NONE), "limits.per-key.requests must");
    refused(() -> limits(NONE, new Limit(1L, Duration.ofMillis(1500))), "per-organization.window");
    refused(
        () -> limits(NONE, NONE, List.of(new OrganizationLimits(null, null, null)), List.of()),
        "limits.organizations[0].organization must be set");
    refused(
        () -> limits(NONE, NONE, List.of(), List.of(new KeyLimit("?", 1L, Duration.ofMinutes(1)))),
        "limits.keys[0].id must be set");
    var one = new KeyLimit("KeyKeyKeyKey", 1L, Duration.ofMinutes(1));
    refused(() -> limits(NONE, NONE, List.of(), List.of(one, one)), "has one key twice");
    var windowAlone = new Limit(null, Duration.ofHours(1));
    refused(
        () ->
            limits(NONE, NONE, List.of(new OrganizationLimits(OURS, windowAlone, null)), List.of()),
        "limits.organizations[0].per-key.requests must be set");
    refused(
        () ->
            limits(
                NONE,
                NONE,
                List.of(),
                List.of(new KeyLimit("KeyKeyKeyKey", null, Duration.ofHours(1)))),
        "limits.keys[0].requests must be set");
  }

  private static void refused(Runnable settings, String told) {
    assertThatThrownBy(settings::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(told);
  }

  private RequestLimits limits(Limit perKey, Limit perOrganization) {
    return limits(perKey, perOrganization, List.of(), List.of());
  }

  private RequestLimits limits(
      Limit perKey,
      Limit perOrganization,
      List<OrganizationLimits> organizations,
      List<KeyLimit> keys) {
    return new RequestLimits(
        new LimitProperties(perKey, perOrganization, organizations, keys, false),
        new DriverManagerDataSource(),
        meters,
        clock);
  }

  private static Limit perMinute(long requests) {
    return new Limit(requests, Duration.ofMinutes(1));
  }

  private double count(String scope, String outcome) {
    return meters
        .get("imports.access.limits")
        .tag("scope", scope)
        .tag("outcome", outcome)
        .counter()
        .count();
  }
}
