package com.sdragent.imports.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
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
      new Caller(UUID.randomUUID(), "a key", Set.of(Scope.IMPORTS_READ));

  private final Map<String, Caller> stored = new ConcurrentHashMap<>();
  private final List<Integer> looks = new CopyOnWriteArrayList<>();
  private final AtomicInteger underWay = new AtomicInteger();
  private final AtomicInteger mostUnderWay = new AtomicInteger();
  private volatile boolean isAway;
  private volatile @Nullable CountDownLatch held;

  @Test
  void those_who_guess_share_one_look_at_a_time() throws Exception {
    ApiKeys keys = keys(Duration.ofSeconds(30));
    held = new CountDownLatch(1);
    try (var clients = Executors.newVirtualThreadPerTaskExecutor()) {
      var answers = new ArrayList<Future<Optional<Caller>>>();
      answers.add(clients.submit(() -> keys.find("first")));
      await().until(() -> underWay.get() == 1);
      var asked = new AtomicInteger();
      for (int i = 0; i < 5000; i++) {
        String key = "guess" + i;
        answers.add(
            clients.submit(
                () -> {
                  asked.incrementAndGet();
                  return keys.find(key);
                }));
      }
      await().until(() -> asked.get() == 5000);
      release();
      for (Future<Optional<Caller>> answer : answers) assertThat(answer.get()).isEmpty();
    }
    assertThat(mostUnderWay).hasValue(1);
    assertThat(looks).hasSizeLessThan(500).allMatch(size -> size <= 1000);
  }

  @Test
  void a_known_key_is_renewed_without_waiting_for_those_who_guess() throws Exception {
    ApiKeys keys = keys(Duration.ZERO);
    stored.put(hash("known"), CALLER);
    assertThat(keys.find("known")).contains(CALLER);
    held = new CountDownLatch(1);
    try (var clients = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Optional<Caller>> guess = clients.submit(() -> keys.find("guess"));
      await().until(() -> underWay.get() == 1);
      CountDownLatch guesses = held;
      held = null;
      assertThat(keys.find("known")).contains(CALLER);
      assertThat(guess.isDone()).isFalse();
      if (guesses != null) guesses.countDown();
      assertThat(guess.get()).isEmpty();
    }
  }

  @Test
  void those_who_guess_do_not_drive_known_keys_out_of_memory() {
    ApiKeys keys = keys(Duration.ofSeconds(30));
    stored.put(hash("known"), CALLER);
    assertThat(keys.find("known")).contains(CALLER);
    for (int i = 0; i < 30_000; i++) keys.find("guess" + i);
    int before = looks.size();
    assertThat(keys.find("known")).contains(CALLER);
    assertThat(looks).hasSize(before);
  }

  @Test
  void a_key_that_was_unknown_works_soon_after_it_is_made() {
    ApiKeys keys = keys(Duration.ofSeconds(30));
    assertThat(keys.find("new")).isEmpty();
    stored.put(hash("new"), CALLER);
    await().atMost(Duration.ofSeconds(3)).until(() -> keys.find("new").isPresent());
  }

  @Test
  void a_key_that_is_revoked_works_no_longer_than_it_is_believed() {
    ApiKeys keys = keys(Duration.ofMillis(50));
    stored.put(hash("known"), CALLER);
    assertThat(keys.find("known")).contains(CALLER);
    stored.clear();
    await().atMost(Duration.ofSeconds(2)).until(() -> keys.find("known").isEmpty());
  }

  @Test
  void a_key_that_cannot_be_looked_up_is_not_called_unknown() {
    ApiKeys keys = keys(Duration.ofSeconds(30));
    stored.put(hash("valid"), CALLER);
    isAway = true;
    assertThatThrownBy(() -> keys.find("valid")).isInstanceOf(QueryTimeoutException.class);
    isAway = false;
    assertThat(keys.find("valid")).contains(CALLER);
  }

  private ApiKeys keys(Duration believedFor) {
    var properties =
        new AccessProperties(
            List.of(),
            new AccessProperties.Jwt("org_id", Duration.ofHours(24), Duration.ofSeconds(5)),
            believedFor);
    return new ApiKeys(properties, this::look);
  }

  private Map<String, Caller> look(Set<String> hashes) {
    mostUnderWay.accumulateAndGet(underWay.incrementAndGet(), Math::max);
    looks.add(hashes.size());
    try {
      CountDownLatch latch = held;
      if (latch != null) latch.await();
      if (isAway) throw new QueryTimeoutException("The database does not answer");
      var found = new HashMap<String, Caller>();
      for (String hash : hashes) {
        Caller caller = stored.get(hash);
        if (caller != null) found.put(hash, caller);
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

  private static String hash(String key) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
