package com.sdragent.imports.loops;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoopsTest {
  @ParameterizedTest
  @CsvSource({
    "0, 20, 20",
    "20, 20, 20",
    "22, 20, 22",
    "100, 20, 100",
    "101, 20, 100",
    "5000, 0, 0",
    "5000, 900, 1000",
    "5000, 2000, 2000"
  })
  void a_loop_rests_for_as_long_as_it_wants_between_usually_and_five_times_as_long(
      long wanted, long usually, long rest) {
    assertThat(Loops.rest(Duration.ofMillis(wanted), Duration.ofMillis(usually)))
        .isEqualTo(Duration.ofMillis(rest));
  }
}
