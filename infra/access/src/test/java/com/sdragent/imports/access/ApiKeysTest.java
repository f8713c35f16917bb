package com.sdragent.imports.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sdragent.imports.access.keys.KeyToken;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.dao.QueryTimeoutException;

@Timeout(30)
class ApiKeysTest {
  private static final Caller CALLER =
      new Caller(UUID.randomUUID(), "a key", ActorKind.KEY, null, Set.of(Scope.IMPORTS_READ));
  private static final Duration LONG = Duration.ofSeconds(3);

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final KeyToken token = KeyToken.create("test");
  private final String key = token.secretText();
  private final Map<String, StoredKey> stored = new ConcurrentHashMap<>();
  private final List<Integer> looks = new CopyOnWriteArrayList<>();
  private final AtomicInteger underWay = new AtomicInteger();
  private final AtomicInteger mostUnderWay = new AtomicInteger();
  private volatile boolean isAway;
  private volatile @Nullable CountDownLatch held;

  @Test
  void those_who_guess_share_one_look_at_a_time() throws Exception {
    ApiKeys keys = keys(LONG);
    held = new CountDownLatch(1);
    try (var clients = Executors.newVirtualThreadPerTaskExecutor()) {
      var answers = new ArrayList<Future<Optional<KnownKey>>>();
      answers.add(clients.submit(() -> keys.find(guess())));
      await().until(() -> underWay.get() == 1);
      var asked = new AtomicInteger();
      for (int i = 0; i < 5000; i++) {
        String guess = guess();
        answers.add(
            clients.submit(
                () -> {
                  asked.incrementAndGet();
                  return keys.find(guess);
                }));
      }
      await().until(() -> asked.get() == 5000);
      release();
      for (Future<Optional<KnownKey>> answer : answers) assertThat(answer.get()).isEmpty();
    }
    assertThat(mostUnderWay).hasValue(1);
    assertThat(looks).hasSizeLessThan(500).allMatch(size -> size <= 1000);
  }

  @Test
  void a_known_key_is_renewed_without_waiting_for_those_who_guess() throws Exception {
    ApiKeys keys = keys(Duration.ZERO);
    store();
    assertThat(keys.find(key)).map(KnownKey::caller).contains(CALLER);
    held = new CountDownLatch(1);
    try (var clients = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Optional<KnownKey>> guess = clients.submit(() -> keys.find(guess()));
      await().until(() -> underWay.get() == 1);
      CountDownLatch guesses = held;
      held = null;
      assertThat(keys.find(key)).map(KnownKey::caller).contains(CALLER);
      assertThat(guess.isDone()).isFalse();
      if (guesses != null) guesses.countDown();
      assertThat(guess.get()).isEmpty();
    }
  }

  @Test
  void those_who_guess_do_not_drive_known_keys_out_of_memory() {
    ApiKeys keys = keys(LONG);
    store();
    assertThat(keys.find(key)).map(KnownKey::caller).contains(CALLER);
    for (int i = 0; i < 30_000; i++) keys.find(guess());
    int before = looks.size();
    assertThat(keys.find(key)).map(KnownKey::caller).contains(CALLER);
    assertThat(looks).hasSize(before);
  }

  @Test
  void a_key_that_was_unknown_works_soon_after_it_is_made() {
    ApiKeys keys = keys(LONG);
    assertThat(keys.find(key)).isEmpty();
    store();
    await().atMost(Duration.ofSeconds(3)).until(() -> keys.find(key).isPresent());
  }

  @Test
  void a_key_that_is_revoked_works_no_longer_than_it_is_believed() {
    ApiKeys keys = keys(Duration.ofMillis(50));
    store();
    assertThat(keys.find(key)).map(KnownKey::caller).contains(CALLER);
    stored.clear();
    await().atMost(Duration.ofSeconds(2)).until(() -> keys.find(key).isEmpty());
  }

  @Test
  void a_key_that_cannot_be_looked_up_is_not_called_unknown() {
    ApiKeys keys = keys(LONG);
    store();
    isAway = true;
    assertThatThrownBy(() -> keys.find(key)).isInstanceOf(QueryTimeoutException.class);
    isAway = false;
    assertThat(keys.find(key)).map(KnownKey::caller).contains(CALLER);
  }

  @Test
  void what_is_mistyped_or_no_key_at_all_is_refused_without_a_look() {
    ApiKeys keys = keys(LONG);
    store();
    for (int i = 0; i < key.length(); i++) {
      char other = key.charAt(i) == 'x' ? 'y' : 'x';
      assertThat(keys.find(key.substring(0, i) + other + key.substring(i + 1))).isEmpty();
    }
    assertThat(keys.find("sk_live_something_else")).isEmpty();
    assertThat(looks).isEmpty();
    assertThat(refused(Refusal.MALFORMED)).isEqualTo(key.length() + 1.0);
  }

  @Test
  void the_id_of_a_key_with_another_secret_is_refused_as_unknown() {
    ApiKeys keys = keys(LONG);
    store();
    assertThat(keys.find(KeyToken.rotate("test", token.id()).secretText())).isEmpty();
    assertThat(refused(Refusal.UNKNOWN)).isEqualTo(1);
    assertThat(keys.find(key)).isPresent();
  }

  @Test
  void a_key_is_not_believed_beyond_its_own_time() {
    ApiKeys keys = keys(LONG);
    put(token, null, Duration.ofMillis(50), null);
    assertThat(keys.find(key)).isPresent();
    put(token, null, Duration.ZERO, null);
    await().atMost(Duration.ofSeconds(2)).until(() -> keys.find(key).isEmpty());
    assertThat(refused(Refusal.EXPIRED)).isPositive();
  }

  @Test
  void a_rotated_key_works_until_the_overlap_has_passed_and_its_successor_longer() {
    ApiKeys keys = keys(Duration.ZERO);
    KeyToken next = KeyToken.rotate("test", token.id());
    put(next, token.hash(), null, Duration.ofHours(1));
    assertThat(keys.find(key)).isPresent();
    assertThat(keys.find(next.secretText())).isPresent();
    put(next, token.hash(), null, Duration.ofMillis(-1));
    assertThat(keys.find(key)).isEmpty();
    assertThat(keys.find(next.secretText())).isPresent();
    assertThat(refused(Refusal.EXPIRED)).isEqualTo(1);
  }

  private void store() {
    put(token, null, null, null);
  }

  private void put(
      KeyToken current,
      @Nullable String previousHash,
      @Nullable Duration left,
      @Nullable Duration previousLeft) {
    stored.put(
        token.id(),
        new StoredKey(
            CALLER, current.hash(), previousHash, left, previousLeft, false, List.of(), true));
  }

  @Test
  void a_setting_that_lets_somebody_guess_or_stay_is_named_with_its_fix() {
    assertThatThrownBy(() -> properties("fifteen_letters", LONG, "live"))
        .hasMessageContaining("imports.access.api-keys[0].key must be set to 16 to 256");
    assertThat(properties("sixteen__letters", LONG, "live").toString())
        .doesNotContain("sixteen__letters");
    assertThatThrownBy(() -> properties("sixteen__letters", LONG.plusMillis(1), "live"))
        .hasMessageContaining("imports.access.cache-keys-for must be between 0s and 3s");
    assertThatThrownBy(() -> properties("sixteen__letters", LONG, "a_b"))
        .hasMessageContaining("imports.access.environment must be 1 to 20 small letters");
  }

  private static AccessProperties properties(String key, Duration believed, String environment) {
    var one = new AccessProperties.ApiKey(key, UUID.randomUUID(), "a key", List.of("operator"));
    return new AccessProperties(
        List.of(one), new AccessProperties.Jwt("org_id", LONG, LONG), believed, environment);
  }

  private double refused(Refusal reason) {
    return meters.get("imports.access.refused").tag("reason", reason.label()).counter().count();
  }

  private static String guess() {
    return KeyToken.create("test").secretText();
  }

  private ApiKeys keys(Duration believedFor) {
    var properties =
        new AccessProperties(
            List.of(),
            new AccessProperties.Jwt("org_id", Duration.ofHours(24), Duration.ofSeconds(5)),
            believedFor,
            "test");
    return new ApiKeys(properties, this::look, new Refusals(meters), meters);
  }

  private Map<String, StoredKey> look(Set<String> ids) {
    mostUnderWay.accumulateAndGet(underWay.incrementAndGet(), Math::max);
    looks.add(ids.size());
    try {
      CountDownLatch latch = held;
      if (latch != null) latch.await();
      if (isAway) throw new QueryTimeoutException("The database does not answer");
      var found = new HashMap<String, StoredKey>();
      for (String id : ids) {
        StoredKey one = stored.get(id);
        if (one != null) found.put(id, one);
      }
      return found;
    } catch (InterruptedException e) {
      throw new IllegalStateException("Interrupted", e);
    } finally {
      underWay.decrementAndGet();
    }
  }

  private void release() {
    CountDownLatch latch = held;
    if (latch != null) latch.countDown();
  }
}
