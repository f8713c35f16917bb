package com.sdragent.imports.eventstore.append;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;

class ExpectedBatchSizeTest {
  private final ExpectedBatchSize expected = new ExpectedBatchSize();

  @Test
  void whoever_is_alone_waits_for_nobody() {
    assertThat(waitsForMore(1000, wanted -> 1)).isZero();
  }

  @Test
  void batches_grow_for_as_long_as_more_come() {
    expected.came(2);
    waitsForMore(40, wanted -> Math.min(wanted, 60));
    assertThat(expected.wanted()).isGreaterThanOrEqualTo(60);
  }

  @Test
  void where_no_more_come_few_batches_wait_for_them() {
    expected.came(8);
    waitsForMore(100, wanted -> 8);
    assertThat(waitsForMore(640, wanted -> 8)).isLessThanOrEqualTo(20);
  }

  @Test
  void more_are_waited_for_again_once_more_have_come() {
    expected.came(8);
    waitsForMore(100, wanted -> 8);
    waitsForMore(100, wanted -> Math.min(wanted, 60));
    assertThat(expected.wanted()).isGreaterThanOrEqualTo(60);
  }

  @Test
  void what_came_together_once_is_forgotten() {
    expected.came(100);
    waitsForMore(50, wanted -> 0);
    assertThat(expected.wanted()).isLessThan(2);
  }

  /** How many of these batches wait for more than come. */
  private int waitsForMore(int batches, IntUnaryOperator coming) {
    int waits = 0;
    for (int batch = 0; batch < batches; batch++) {
      int wanted = expected.wanted();
      int came = coming.applyAsInt(wanted);
      if (wanted > came) waits++;
      expected.came(came);
    }
    return waits;
  }
}
