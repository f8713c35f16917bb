package com.sdragent.imports.query.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sdragent.imports.access.ApiError;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class ReadingTurnsTest {

  @Test
  void who_waits_too_long_for_a_turn_is_told_to_come_back() throws Exception {
    var turns = new ReadingTurns(Duration.ofMillis(20), 1);
    var taken = new CountDownLatch(4);
    var end = new CountDownLatch(1);
    try (var readers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 4; i++) {
        readers.execute(
            () ->
                turns.take(
                    () -> {
                      taken.countDown();
                      awaitEnd(end);
                      return "";
                    }));
      }
      taken.await();
      assertThatThrownBy(() -> turns.take(() -> "mine"))
          .isInstanceOf(ApiError.class)
          .hasMessageContaining("try again");
      end.countDown();
    }
    assertThat(turns.take(() -> "mine")).isEqualTo("mine");
  }

  @Test
  void a_look_that_fails_gives_its_turn_back() {
    var turns = new ReadingTurns(Duration.ofMillis(20), 1);
    for (int i = 0; i < 10; i++) {
      assertThatThrownBy(
              () ->
                  turns.take(
                      () -> {
                        throw new IllegalStateException("away");
                      }))
          .hasMessage("away");
    }
    assertThat(turns.take(() -> "mine")).isEqualTo("mine");
  }

  private static void awaitEnd(CountDownLatch end) {
    try {
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void who_comes_when_all_seats_are_taken_is_told_to_come_back() {
    var turns = new ReadingTurns(Duration.ofSeconds(1), 1);
    try (var _ = turns.enter()) {
      assertThatThrownBy(turns::enter).isInstanceOf(ApiError.class).hasMessageContaining("again");
    }
    turns.enter().close();
  }
}
