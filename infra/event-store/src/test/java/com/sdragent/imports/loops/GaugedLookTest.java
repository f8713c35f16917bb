package com.sdragent.imports.loops;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessResourceFailureException;

class GaugedLookTest {
  private final AtomicInteger looks = new AtomicInteger();

  @Test
  void gauges_that_are_read_together_share_a_look() {
    var look = new GaugedLook<>(looks::incrementAndGet);
    double first = look.value(n -> n);
    double second = look.value(n -> n * 10.0);
    assertThat(second).isEqualTo(first * 10);
    assertThat(looks).hasValue(1);
  }

  @Test
  void while_the_database_is_away_all_are_nan_and_one_waits_for_it() {
    var look =
        new GaugedLook<Integer>(
            () -> {
              looks.incrementAndGet();
              throw new DataAccessResourceFailureException("of a test");
            });
    for (int gauge = 0; gauge < 10; gauge++) assertThat(look.value(n -> n)).isNaN();
    assertThat(looks).hasValue(1);
  }
}
