package com.sdragent.imports.query.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class SharedAnswersTest {
  private final ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger made = new AtomicInteger();
  private final CountDownLatch firstMayEnd = new CountDownLatch(1);
  private final SharedAnswers<String, Integer> answers = new SharedAnswers<>(Duration.ofMinutes(1));

  @AfterEach
  void close() {
    firstMayEnd.countDown();
    requests.close();
  }

  private int make() {
    int number = made.incrementAndGet();
    if (number == 1) uninterruptibly(firstMayEnd);
    return number;
  }

  private Future<Integer> ask(String key) {
    return requests.submit(() -> answers.answer(key, this::make));
  }

  @Test
  void those_who_come_while_an_answer_is_made_share_the_next_one() throws Exception {
    Future<Integer> first = ask("a");
    await().until(() -> made.get() == 1);
    var begun = new AtomicInteger();
    var later = new ArrayList<Future<Integer>>();
    for (int i = 0; i < 100; i++) {
      later.add(
          requests.submit(
              () -> {
                begun.incrementAndGet();
                return answers.answer("a", this::make);
              }));
    }
    await().until(() -> begun.get() == 100);
    assertThat(later).noneMatch(Future::isDone);
    firstMayEnd.countDown();

    assertThat(first.get()).isEqualTo(1);
    for (Future<Integer> one : later) assertThat(one.get()).isGreaterThan(1);
    // Who had begun but not yet asked when the first ended may have a later one.
    assertThat(made.get()).isLessThan(10);
  }

  @Test
  void who_asks_for_something_else_waits_for_nobody() throws Exception {
    Future<Integer> first = ask("a");
    await().until(() -> made.get() == 1);
    assertThat(ask("b").get()).isEqualTo(2);
    assertThat(first).isNotDone();
  }

  @Test
  void an_answer_that_hangs_holds_up_the_next_for_a_moment_only() throws Exception {
    var impatient = new SharedAnswers<String, Integer>(Duration.ofMillis(1));
    Future<Integer> first = requests.submit(() -> impatient.answer("a", this::make));
    await().until(() -> made.get() == 1);
    for (int later = 2; later <= 3; later++) {
      Future<Integer> next = requests.submit(() -> impatient.answer("a", this::make));
      assertThat(next.get(10, TimeUnit.SECONDS)).isEqualTo(later);
    }
    assertThat(first).isNotDone();
  }

  @Test
  void one_alone_is_answered_anew_each_time() {
    firstMayEnd.countDown();
    assertThat(List.of(answers.answer("a", this::make), answers.answer("a", this::make)))
        .containsExactly(1, 2);
  }

  @Test
  void a_failure_is_told_to_those_who_share_it_and_not_to_the_next() throws Exception {
    var mayFail = new CountDownLatch(1);
    Future<Integer> failing =
        requests.submit(
            () ->
                answers.answer(
                    "a",
                    () -> {
                      made.incrementAndGet();
                      uninterruptibly(mayFail);
                      throw new IllegalStateException("away");
                    }));
    await().until(() -> made.get() == 1);
    Future<Integer> next = ask("a");
    mayFail.countDown();
    assertThatThrownBy(failing::get).hasStackTraceContaining("away");
    assertThat(next.get()).isEqualTo(2);
  }

  private static void uninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
