package com.sdragent.imports.eventstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NotificationsIT {
  private static final Duration SILENCE = Duration.ofMillis(600);

  private final EventStoreFixture fixture = new EventStoreFixture();

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void a_listener_that_is_frozen_is_ended_and_one_that_hears_without_pause_is_not()
      throws Exception {
    var heard = new AtomicInteger();
    try (var alive = fixture.notifications(SILENCE);
        var frozen = fixture.connections().open("a frozen listener", Duration.ofSeconds(20));
        var statement = frozen.createStatement()) {
      alive.on(Notifications.Channel.DOMAIN_EVENT, _ -> heard.incrementAndGet());
      await().until(() -> sessions("imports notifications").size() == 1);
      List<@Nullable Integer> listening = sessions("imports notifications");
      statement.execute(Notifications.listenOnlyWhileAlive(SILENCE) + "; listen domain_event");

      // Without pause: nothing but its own word tells that it lives.
      await()
          .pollInterval(Duration.ofMillis(20))
          .until(
              () -> {
                fixture.jdbc.execute("notify domain_event");
                return sessions("a frozen listener").isEmpty();
              });

      assertThat(sessions("imports notifications")).isEqualTo(listening);
      int before = heard.get();
      fixture.jdbc.execute("notify domain_event");
      await().until(() -> heard.get() > before);
    }
  }

  @Test
  void a_wake_up_that_throws_an_error_stops_neither_the_others_nor_the_loop() {
    var heard = new AtomicInteger();
    try (var notifications = fixture.notifications(SILENCE)) {
      notifications.on(
          Notifications.Channel.DOMAIN_EVENT,
          _ -> {
            throw new AssertionError("of a test");
          });
      notifications.on(Notifications.Channel.DOMAIN_EVENT, _ -> heard.incrementAndGet());
      await()
          .until(
              () -> {
                fixture.jdbc.execute("notify domain_event");
                return heard.get() >= 2;
              });
    }
  }

  private List<@Nullable Integer> sessions(String name) {
    return fixture.jdbc.queryForList(
        "select pid from pg_stat_activity where datname = current_database()"
            + " and application_name = ? order by pid",
        Integer.class,
        name);
  }
}
