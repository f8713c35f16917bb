package com.sdragent.imports.eventstore;

import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.eventstore.append.SeenEvent;
import com.sdragent.imports.testservers.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

class TimelinesIT {
  private final TestPostgres.Database database = TestPostgres.freshDatabase();
  private final JdbcTemplate sql =
      new JdbcTemplate(
          new DriverManagerDataSource(
              database.jdbcUrl(), database.username(), database.password()));
  private final Timelines timelines = new Timelines(sql);
  private final AtomicInteger changes = new AtomicInteger();

  @BeforeEach
  void migrate() {
    Flyway.configure()
        .dataSource(database.jdbcUrl(), database.username(), database.password())
        .load()
        .migrate();
    timelines.onChange(changes::incrementAndGet);
  }

  @Test
  void the_server_that_was_migrated_has_the_first_timeline() throws SQLException {
    meet(null);
    meet(null);
    assertThat(timelines.all()).containsExactly(new Timelines.Timeline(1, 0));
    assertThat(changes).hasValue(0);
  }

  @Test
  void another_server_begins_another_timeline_after_the_last_event_once() throws SQLException {
    meet(store(1));
    sql.update("update store_timeline set system_identifier = system_identifier + 1");
    meet(null);
    meet(null);
    new Timelines(sql).all();
    assertThat(timelines.all())
        .containsExactly(new Timelines.Timeline(1, 0), new Timelines.Timeline(2, 1));
    assertThat(changes).hasValue(1);
  }

  @Test
  void an_event_that_is_gone_begins_another_timeline_and_one_that_is_there_does_not()
      throws SQLException {
    SeenEvent kept = store(1);
    SeenEvent lost = store(2);
    meet(lost);
    sql.update("delete from domain_event where event_id = ?", lost.eventId());
    meet(kept);
    assertThat(changes).hasValue(0);
    meet(lost);
    assertThat(timelines.all())
        .containsExactly(new Timelines.Timeline(1, 0), new Timelines.Timeline(2, 1));
    assertThat(changes).hasValue(1);
  }

  @Test
  void a_number_that_the_store_lost_is_not_given_twice() throws SQLException {
    meet(null);
    timelines.lost(new SeenEvent(1, UUID.randomUUID()));
    assertThat(timelines.all()).hasSize(2);
    sql.update("delete from store_timeline where number = 2");
    meet(null);
    assertThat(timelines.all().getLast().number()).isEqualTo(3);
  }

  @Test
  void an_event_that_was_only_seen_begins_another_timeline_when_it_is_gone() throws SQLException {
    SeenEvent mine = store(1);
    SeenEvent seen = store(2);
    try (Connection connection = database.connect()) {
      timelines.look(connection);
    }
    meet(mine);
    assertThat(changes).hasValue(0);
    sql.update("delete from domain_event where event_id = ?", seen.eventId());
    meet(mine);
    assertThat(timelines.all())
        .containsExactly(new Timelines.Timeline(1, 0), new Timelines.Timeline(2, 1));
    assertThat(changes).hasValue(1);
  }

  private void meet(@org.jspecify.annotations.Nullable SeenEvent seen) throws SQLException {
    try (Connection connection = database.connect()) {
      timelines.meet(connection, seen);
    }
  }

  private SeenEvent store(long position) {
    UUID id = UUID.randomUUID();
    sql.update(
        """
        insert into domain_event (position, aggregate_id, sequence_number, event_id, event_type,
                                  revision, organization, occurred_at, payload, metadata, hash)
        values (?, ?, 0, ?, 'ImportCreated', 1, ?, now(), '{}', '{}', sha256(''))
        """,
        position,
        UUID.randomUUID(),
        id,
        UUID.randomUUID());
    return new SeenEvent(position, id);
  }
}
