package com.sdragent.imports.query.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SharedLookupsTest {
  private static final UUID ID = new UUID(1, 2);

  private final ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Set<UUID>> looks = Collections.synchronizedList(new ArrayList<>());
  private final CountDownLatch firstMayEnd = new CountDownLatch(1);
  private final SharedLookups<UUID, Integer> lookups =
      new SharedLookups<>(this::look, Duration.ofMinutes(1));

  @AfterEach
  void close() {
    firstMayEnd.countDown();
    requests.close();
  }

  private int look(Set<UUID> ids) {
    looks.add(Set.copyOf(ids));
    int number = looks.size();
    if (number == 1) uninterruptibly(firstMayEnd);
    return number;
  }

  @Test
  void those_who_come_while_a_look_is_under_way_share_the_next_one() throws Exception {
    Future<Integer> first = requests.submit(() -> lookups.look(ID));
    await().until(() -> looks.size() == 1);
    var asked = new ArrayList<UUID>();
    var later = new ArrayList<Future<Integer>>();
    var begun = new AtomicInteger();
    for (int i = 0; i < 100; i++) {
      UUID id = UUID.randomUUID();
      asked.add(id);
      later.add(
          requests.submit(
              () -> {
                begun.incrementAndGet();
                return lookups.look(id);
              }));
    }
    await().until(() -> begun.get() == 100);
    assertThat(later).noneMatch(Future::isDone);
    firstMayEnd.countDown();

    assertThat(first.get()).isEqualTo(1);
    for (Future<Integer> one : later) assertThat(one.get()).isGreaterThan(1);
    assertThat(looks.stream().skip(1).flatMap(Set::stream))
        .containsExactlyInAnyOrderElementsOf(asked);
    // Who had begun but not yet asked when the first ended may be a look later.
    assertThat(looks).hasSizeLessThan(10);
  }

  @Test
  void a_look_waits_for_as_many_requests_as_lately_came_together() throws Exception {
    var gathering =
        new SharedLookups<UUID, Integer>(this::look, Duration.ofMinutes(1), Duration.ofMinutes(1));
    Future<Integer> first = requests.submit(() -> gathering.look(ID));
    await().until(() -> looks.size() == 1);
    List<Future<Integer>> together =
        Stream.generate(() -> requests.submit(() -> gathering.look(UUID.randomUUID())))
            .limit(3)
            .toList();
    await().until(() -> gathering.waiting() == 3);
    firstMayEnd.countDown();
    for (Future<Integer> one : together) assertThat(one.get()).isEqualTo(2);

    Future<Integer> one = requests.submit(() -> gathering.look(UUID.randomUUID()));
    Future<Integer> two = requests.submit(() -> gathering.look(UUID.randomUUID()));
    await().until(() -> gathering.waiting() == 2);
    assertThat(looks).hasSize(2);
    assertThat(gathering.look(UUID.randomUUID())).isEqualTo(3);
    assertThat(one.get()).isEqualTo(3);
    assertThat(two.get()).isEqualTo(3);
    assertThat(first.get()).isEqualTo(1);
  }

  @Test
  void a_look_that_hangs_holds_up_the_next_for_a_moment_only() throws Exception {
    var impatient = new SharedLookups<UUID, Integer>(this::look, Duration.ofMillis(1));
    Future<Integer> first = requests.submit(() -> impatient.look(ID));
    await().until(() -> looks.size() == 1);
    for (int later = 2; later <= 3; later++) {
      Future<Integer> next = requests.submit(() -> impatient.look(ID));
      assertThat(next.get(10, TimeUnit.SECONDS)).isEqualTo(later);
    }
    assertThat(first).isNotDone();
  }

  @Test
  void a_look_that_hangs_holds_up_none_but_the_next() throws Exception {
    var patient = new SharedLookups<UUID, Integer>(this::look, Duration.ofSeconds(1));
    Future<Integer> first = requests.submit(() -> patient.look(ID));
    await().until(() -> looks.size() == 1);
    assertThat(patient.look(ID)).isEqualTo(2);
    long begin = System.nanoTime();
    for (int later = 3; later <= 10; later++) assertThat(patient.look(ID)).isEqualTo(later);
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(1));
    assertThat(first).isNotDone();
  }

  @Test
  void an_error_ends_a_look_for_those_who_share_it_only() {
    var calls = new AtomicInteger();
    var failing =
        new SharedLookups<UUID, Integer>(
            _ -> {
              if (calls.incrementAndGet() == 1) throw new AssertionError("of a test");
              return 7;
            },
            Duration.ZERO);
    assertThatThrownBy(() -> failing.look(ID)).hasRootCauseMessage("of a test");
    assertThat(failing.look(ID)).isEqualTo(7);
  }

  @Test
  void one_alone_looks_at_once() {
    firstMayEnd.countDown();
    assertThat(lookups.look(ID)).isEqualTo(1);
    assertThat(lookups.look(ID)).isEqualTo(2);
  }

  @Test
  void a_failure_is_told_to_all_who_share_it_and_to_nobody_else() {
    var calls = new AtomicInteger();
    var failing =
        new SharedLookups<UUID, Integer>(
            _ -> {
              if (calls.incrementAndGet() == 1) throw new IllegalStateException("away");
              return 7;
            },
            Duration.ZERO);
    assertThatThrownBy(() -> failing.look(ID)).hasMessage("away");
    assertThat(failing.look(ID)).isEqualTo(7);
  }

  private static void uninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
