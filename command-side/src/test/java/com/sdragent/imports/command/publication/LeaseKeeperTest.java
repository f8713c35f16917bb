package com.sdragent.imports.command.publication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sdragent.imports.loops.Loops;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LeaseKeeperTest {
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final LeaseKeeper keeper =
      new LeaseKeeper(new Loops(metrics), "lease", Duration.ofMillis(60));

  @AfterEach
  void stop() {
    keeper.stop();
  }

  @Test
  void a_renewal_that_throws_an_error_is_counted_and_others_follow() {
    keeper.start();
    var renewals = new AtomicInteger();
    try (var _ =
        keeper.keep(
            () -> {
              if (renewals.incrementAndGet() == 1) throw new StackOverflowError("of a test");
            })) {
      await().until(() -> renewals.get() > 2);
    }
    assertThat(metrics.get("imports.loop.failures").tag("loop", "lease").counter().count())
        .isEqualTo(1);
  }

  @Test
  void a_lease_that_is_not_kept_any_more_is_not_renewed() {
    keeper.start();
    var ended = new AtomicInteger();
    var kept = new AtomicInteger();
    keeper.keep(ended::incrementAndGet).close();
    try (var _ = keeper.keep(kept::incrementAndGet)) {
      await().until(() -> kept.get() > 1);
    }
    assertThat(ended).hasValue(0);
  }
}
