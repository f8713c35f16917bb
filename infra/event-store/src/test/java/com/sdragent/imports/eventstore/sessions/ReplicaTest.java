package com.sdragent.imports.eventstore.sessions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sdragent.imports.eventstore.sessions.Replica.Moment;
import com.sdragent.imports.eventstore.sessions.Replica.Reached;
import com.sdragent.imports.eventstore.sessions.Replica.Seen;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How statements wait for a replica. */
class ReplicaTest {
  private static final OffsetDateTime NOTED =
      OffsetDateTime.of(2026, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);
  private static final Moment MOMENT = new Moment("A/1000", 3, NOTED);
  private static final Duration MAX_WAIT = Duration.ofMillis(500);

  @ParameterizedTest
  @CsvSource({
    "false, A/FFF,       3, has not replayed",
    "false, 9/FFFFFFFF,  3, has not replayed",
    "false, A/1000,      3, ''",
    "false, FFFFFFFF/0,  3, ''",
    "true,  0/0,         3, ''",
    "false, B/0,         2, does not follow",
    "true,  0/0,         2, does not follow",
    "false, B/0,         4, ''"
  })
  void what_a_replica_has_reached_tells_what_it_lacks(
      boolean isPrimary, String replayed, int timeline, String obstacle) {
    var reached = new Reached(isPrimary, replayed, timeline, NOTED);
    assertThat(reached.obstacle(MOMENT)).startsWith(obstacle);
    if (obstacle.isEmpty()) assertThat(reached.obstacle(MOMENT)).isEmpty();
  }

  @Test
  void a_timeline_of_the_same_number_that_was_noted_elsewhere_is_another() {
    var reached = new Reached(false, "B/0", 3, NOTED.plusSeconds(1));
    assertThat(reached.obstacle(MOMENT)).startsWith("does not follow");
  }

  @Test
  void statements_that_wait_for_a_replica_look_at_it_together() throws Exception {
    int statements = 50;
    var looks = new AtomicInteger();
    Replica replica =
        replica(
            () -> {
              looks.incrementAndGet();
              return new Reached(false, "A/0", 3, NOTED);
            });
    try (var waiting = Executors.newVirtualThreadPerTaskExecutor()) {
      var late = new AtomicInteger();
      for (int i = 0; i < statements; i++) {
        waiting.execute(
            () -> {
              assertThatThrownBy(() -> replica.see(_ -> new Seen<>("has not replayed", null)))
                  .hasMessageContaining("has not replayed");
              late.incrementAndGet();
            });
      }
      waiting.shutdown();
      assertThat(waiting.awaitTermination(20, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
      assertThat(late).hasValue(statements);
    }
    // Each by itself looks some 15 times in this time.
    assertThat(looks.get()).isLessThan(statements * 8);
  }

  private static Replica replica(Supplier<Reached> reached) {
    return new Replica(
        () -> MOMENT, reached, () -> {}, MAX_WAIT, () -> {}, IllegalStateException::new);
  }
}
