package com.sdragent.imports.command.publication.replay;

import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.command.publication.StoreWithRelays;
import com.sdragent.imports.eventstore.EventLog;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

class ReplayLeaseIT {
  private final StoreWithRelays store = StoreWithRelays.SHARED;
  private final Replays replays =
      new Replays(jdbc(), store.service.bean(EventLog.class), Duration.ofSeconds(2));

  @AfterEach
  void forget() {
    jdbc().update("delete from replay");
  }

  @Test
  void that_ends_absurdly_far_ahead_is_taken_and_one_of_another_setting_is_not() {
    replayLeasedFor("30 seconds");
    assertThat(replays.claim(UUID.randomUUID())).isEmpty();
    replayLeasedFor("1 hour");
    assertThat(replays.claim(UUID.randomUUID())).isPresent();
  }

  private void replayLeasedFor(String interval) {
    jdbc().update("delete from replay");
    jdbc()
        .update(
            """
            insert into replay (target, dry_run, from_position, to_position, events_per_second,
              position, leased_until)
            values ('imports.replay.x', false, 1, 1, 1, 0, now() + ?::interval)
            """,
            interval);
  }

  private JdbcTemplate jdbc() {
    return store.service.bean(JdbcTemplate.class);
  }
}
