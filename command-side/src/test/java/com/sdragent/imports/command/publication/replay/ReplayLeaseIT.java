package com.sdragent.imports.command.publication.replay;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sdragent.imports.command.publication.RelayProperties;
import com.sdragent.imports.command.publication.RightStore;
import com.sdragent.imports.command.publication.StoreWithRelays;
import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.Notifications;
import com.sdragent.imports.loops.Loops;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.kafka.core.ConsumerFactory;
import org.springframework.kafka.core.ProducerFactory;

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

  @Test
  void a_node_that_is_not_on_its_own_store_takes_none() {
    DataSource database = requireNonNull(jdbc().getDataSource());
    RightStore noName = StoreWithRelays.ofNoName(database);
    var looks = new AtomicInteger();
    ReplayWorker worker =
        worker(
            () -> {
              looks.incrementAndGet();
              noName.require();
            });
    jdbc().update("insert into store_name (name) values ('eu')");
    try {
      replayLeasedFor("-1 second");
      worker.start();
      await().until(() -> looks.get() > 1);
      assertThat(state()).isEqualTo("running 0");
      jdbc().update("delete from store_name");
      await().until(() -> state().equals("completed 1"));
    } finally {
      jdbc().update("delete from store_name");
      worker.stop();
    }
  }

  private String state() {
    return jdbc()
        .queryForList("select state || ' ' || position from replay", String.class)
        .getFirst();
  }

  private ReplayWorker worker(RightStore rightStore) {
    return new ReplayConfiguration()
        .replayWorker(
            replays,
            store.service.bean(EventLog.class),
            store.service.bean(RelayProperties.class),
            new ReplayProperties(true, 5000, 500, Duration.ofSeconds(2)),
            rightStore,
            store.service.bean(Notifications.class),
            store.service.bean(Loops.class),
            store.service.bean(ProducerFactory.class),
            store.service.bean(ConsumerFactory.class));
  }

  private void replayLeasedFor(String interval) {
    jdbc().update("delete from replay");
    jdbc()
        .update(
            """
            insert into replay (target, dry_run, from_position, to_position, events_per_second,
              position, leased_until)
            values ('imports.replay.x', true, 1, 1, 1, 0, now() + ?::interval)
            """,
            interval);
  }

  private JdbcTemplate jdbc() {
    return store.service.bean(JdbcTemplate.class);
  }
}
