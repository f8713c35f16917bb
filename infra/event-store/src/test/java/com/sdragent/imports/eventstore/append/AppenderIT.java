package com.sdragent.imports.eventstore.append;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sdragent.imports.eventstore.EventStoreFixture;
import com.sdragent.imports.traces.Traces;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.cumulative.CumulativeCounter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.axonframework.eventhandling.GenericEventMessage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The appender's thread goes on, whatever happens to it. */
class AppenderIT {
  private final EventStoreFixture fixture = new EventStoreFixture();
  private final AtomicBoolean broken = new AtomicBoolean();
  private final AtomicBoolean followerFails = new AtomicBoolean();
  private final Appender appender =
      new Appender(
          fixture.connections(),
          EventStoreFixture.DEFAULTS,
          (_, _) -> {},
          (_, _) -> {
            if (followerFails.get()) throw new AssertionError("of a test");
          },
          fixture.loops,
          Traces.OFF,
          new BrokenMetrics());

  @AfterEach
  void close() {
    appender.close();
    fixture.close();
  }

  @Test
  void after_an_error_in_a_round_the_outcome_is_unknown_and_the_next_command_is_stored() {
    appender.append(List.of(row("{}")), null);
    broken.set(true);
    assertThatThrownBy(() -> appender.append(List.of(row("{}")), null))
        .isInstanceOf(AppendOutcomeUnknownException.class);
    broken.set(false);
    appender.append(List.of(row("{}")), null);
    assertThat(fixture.jdbc.queryForList("select position from domain_event")).hasSize(3);
  }

  @Test
  void a_follower_that_fails_takes_no_answer_away() {
    appender.append(List.of(row("{}")), null);
    followerFails.set(true);
    appender.append(List.of(row("{}")), null);
    followerFails.set(false);
    appender.append(List.of(row("{}")), null);
    assertThat(fixture.jdbc.queryForList("select position from domain_event")).hasSize(3);
  }

  @Test
  void a_command_that_nobody_thought_of_ends_nothing_but_itself() {
    assertThatThrownBy(() -> appender.append(new PendingAppend(List.of(row(null)), null, SOON)))
        .isInstanceOf(AppendOutcomeUnknownException.class);
    appender.append(List.of(row("{}")), null);
  }

  private static final java.time.Duration SOON = java.time.Duration.ofSeconds(5);

  @SuppressWarnings("NullAway") // what nobody thought of
  private static EventRow row(@Nullable String payload) {
    return new EventRow(
        UUID.randomUUID(),
        0,
        UUID.randomUUID(),
        "ImportDeleted",
        1,
        EventStoreFixture.ORG,
        EventStoreFixture.NOON,
        payload,
        "{}",
        new byte[32],
        GenericEventMessage.asEventMessage("{}"));
  }

  private final class BrokenMetrics extends SimpleMeterRegistry {
    @Override
    protected Counter newCounter(Meter.Id id) {
      return new CumulativeCounter(id) {
        @Override
        public void increment(double amount) {
          if (broken.get()) throw new AssertionError("of a test");
          super.increment(amount);
        }
      };
    }
  }
}
