package com.sdragent.imports.loops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.springframework.boot.health.contributor.Status;

class SupervisedLoopTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();

  @Test
  void an_error_ends_a_round_and_not_the_loop() {
    var rounds = new AtomicInteger();
    var loops = new Loops(metrics, LONG);
    SupervisedLoop loop =
        loops.loop(
            "a loop",
            () -> {
              if (rounds.incrementAndGet() < 3) throw new OutOfMemoryError("as if");
              Thread.sleep(1);
            });
    loop.start();
    await().until(() -> rounds.get() > 3);
    assertThat(metrics.get("imports.loop.failures").tag("loop", "a loop").counter().count())
        .isEqualTo(2);
    assertThat(loops.health().getStatus()).isEqualTo(Status.UP);
    loop.stop(LONG);
  }

  @Test
  void a_loop_that_fails_for_too_long_is_no_longer_alive_until_it_succeeds() {
    var failing = new java.util.concurrent.atomic.AtomicBoolean(true);
    var loops = new Loops(metrics, Duration.ofMillis(1));
    SupervisedLoop loop =
        loops.loop(
            "a loop",
            () -> {
              if (failing.get()) throw new IllegalStateException("as if");
              Thread.sleep(1);
            });
    loop.start();
    await().until(() -> loops.health().getStatus().equals(Status.DOWN));
    failing.set(false);
    await().until(() -> loops.health().getStatus().equals(Status.UP));
    loop.stop(LONG);
  }

  @Test
  void a_loop_that_failed_once_and_rests_now_is_well() throws Exception {
    var rounds = new AtomicInteger();
    var resting = new CountDownLatch(1);
    var loop = new AtomicReference<SupervisedLoop>();
    Duration illAfter = Duration.ofMillis(50);
    loop.set(
        new Loops(metrics, illAfter)
            .loop(
                "a loop",
                () -> {
                  if (rounds.incrementAndGet() == 1) throw new IllegalStateException("as if");
                  resting.countDown();
                  loop.get().rest(LONG);
                }));
    loop.get().start();
    resting.await();
    await()
        .during(illAfter.multipliedBy(4))
        .pollInterval(illAfter)
        .until(() -> loop.get().illness() == null);
    loop.get().stop(LONG);
  }

  @Test
  void rounds_that_gather_before_they_fail_do_not_hide_that() {
    var loop = new AtomicReference<SupervisedLoop>();
    loop.set(
        new Loops(metrics, Duration.ofMillis(250))
            .loop(
                "a loop",
                () -> {
                  loop.get().gather(Duration.ofMillis(1));
                  throw new IllegalStateException("as if");
                }));
    loop.get().start();
    await().until(() -> loop.get().illness() != null);
    loop.get().stop(LONG);
  }

  @Test
  void being_woken_does_not_end_a_gathering_and_being_hurried_does() throws Exception {
    var gathering = new CountDownLatch(1);
    var gathered = new CountDownLatch(1);
    var rested = new CountDownLatch(1);
    SupervisedLoop[] loop = new SupervisedLoop[1];
    loop[0] =
        new Loops(metrics, LONG)
            .loop(
                "a loop",
                () -> {
                  gathering.countDown();
                  loop[0].gather(LONG);
                  gathered.countDown();
                  // It was woken meanwhile, so it does not rest.
                  loop[0].rest(LONG);
                  rested.countDown();
                  loop[0].pause(LONG);
                });
    loop[0].start();
    gathering.await();
    loop[0].wake();
    assertThat(gathered.await(50, TimeUnit.MILLISECONDS)).isFalse();
    loop[0].hurry();
    gathered.await();
    rested.await();
    loop[0].stop(LONG);
  }

  @Test
  void another_thread_that_pauses_does_not_keep_a_resting_loop_from_being_woken() throws Exception {
    var rounds = new AtomicInteger();
    SupervisedLoop loop = resting(rounds);
    loop.start();
    await().until(() -> rounds.get() == 1);
    loop.pause(Duration.ofMillis(1));
    loop.wake();
    await().until(() -> rounds.get() == 2);
    loop.stop(LONG);
  }

  @Test
  void an_interrupt_from_elsewhere_does_not_end_it_and_a_stop_does() throws Exception {
    var rounds = new AtomicInteger();
    var thread = new AtomicReference<Thread>();
    var loop = new AtomicReference<SupervisedLoop>();
    loop.set(
        new Loops(metrics, LONG)
            .loop(
                "a loop",
                () -> {
                  thread.set(Thread.currentThread());
                  rounds.incrementAndGet();
                  loop.get().pause(LONG);
                }));
    loop.get().start();
    await().until(() -> rounds.get() == 1);
    thread.get().interrupt();
    await().until(() -> rounds.get() == 2);
    loop.get().stop(LONG);
    assertThat(thread.get().isAlive()).isFalse();
    assertThat(rounds).hasValue(2);
  }

  @Test
  void a_round_that_waits_for_something_else_is_interrupted_by_a_stop() {
    var begun = new CountDownLatch(1);
    SupervisedLoop loop =
        new Loops(metrics, LONG)
            .loop(
                "a loop",
                () -> {
                  begun.countDown();
                  Thread.sleep(LONG);
                });
    loop.start();
    await().until(() -> begun.getCount() == 0);
    loop.stop(Duration.ofMillis(10));
    assertThat(loop.isRunning()).isFalse();
    assertThat(loop.illness()).isNull();
  }

  @Test
  void a_loop_that_is_woken_before_the_rest_does_not_rest() {
    var rounds = new AtomicInteger();
    SupervisedLoop loop = resting(rounds);
    loop.wake();
    loop.start();
    await().until(() -> rounds.get() == 2);
    loop.wake();
    await().until(() -> rounds.get() == 3);
    loop.stop(LONG);
  }

  /** One that counts its rounds and rests after each. */
  private SupervisedLoop resting(AtomicInteger rounds) {
    var loop = new AtomicReference<SupervisedLoop>();
    loop.set(
        new Loops(metrics, LONG)
            .loop(
                "a loop",
                () -> {
                  rounds.incrementAndGet();
                  loop.get().rest(LONG);
                }));
    return loop.get();
  }
}
