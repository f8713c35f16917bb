package com.sdragent.imports.query.projection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ProjectionProgressTest {
  private static final Duration FOREVER = Duration.ofDays(1);

  private final ProjectionProgress progress = new ProjectionProgress();

  @Test
  void a_look_does_not_take_back_what_was_heard_of_while_it_was_under_way() {
    progress.reached(11);
    long heard = progress.position();
    progress.reached(12);
    progress.looked(11, heard);
    assertThat(progress.position()).isEqualTo(12);
  }

  @Test
  void a_look_takes_back_what_the_database_has_lost_in_a_crash() {
    progress.reached(12);
    progress.looked(11, progress.position());
    assertThat(progress.position()).isEqualTo(11);
  }

  @Test
  void a_look_says_of_a_later_position_that_nobody_was_told_of() {
    progress.looked(7, progress.position());
    assertThat(progress.position()).isEqualTo(7);
  }

  @Test
  void the_first_request_that_begins_to_wait_is_told_of() throws InterruptedException {
    var told = new AtomicInteger();
    progress.onAwaited(told::incrementAndGet);
    var waiting =
        List.of(
            Thread.startVirtualThread(() -> progress.await(5, FOREVER)),
            Thread.startVirtualThread(() -> progress.await(7, FOREVER)));
    await().until(progress::isAwaited);
    progress.reached(7);
    for (Thread one : waiting) one.join();
    assertThat(progress.isAwaited()).isFalse();
    assertThat(told.get()).isBetween(1, 2);

    progress.await(7, FOREVER);
    assertThat(progress.isAwaited()).isFalse();
  }
}
