package com.sdragent.imports.eventstore.append;

import static com.sdragent.imports.eventstore.EventStoreFixture.created;
import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.eventstore.EventStoreFixture;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How PostgreSQL runs the statement that each command waits for. */
class AppendPlanIT {
  private static final String NULLS = String.join(", ", Collections.nCopies(13, "null"));
  private static final String APPEND = "append (" + NULLS + ")";

  private final EventStoreFixture fixture = new EventStoreFixture();

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void the_plan_is_the_same_for_an_empty_table_and_a_large_one() throws Exception {
    List<String> empty = plan(APPEND);
    fixture.engine().appendEvents(created(UUID.randomUUID()));
    fixture.jdbc.execute("analyze domain_event");
    List<String> young = plan(APPEND);
    fixture.jdbc.execute(
        """
        insert into domain_event
        select (jsonb_populate_record(e, jsonb_build_object('position', n, 'aggregate_id',
                gen_random_uuid(), 'event_id', gen_random_uuid()))).*
        from domain_event e, generate_series(2, 20000) n
        """);
    fixture.jdbc.execute("analyze domain_event");
    List<String> large = plan(APPEND);

    assertThat(young).isEqualTo(empty);
    assertThat(large).isEqualTo(empty);
    assertThat(String.join("\n", large))
        .contains(
            "Index Scan Backward using domain_event_sequence",
            "Scan Backward using domain_event_pkey")
        .doesNotContain("Seq Scan", "Sort Key: domain_event");
  }

  @Test
  void keys_are_looked_for_by_their_index() throws Exception {
    assertThat(String.join("\n", plan("append_keyed (" + NULLS + ", null, null)")))
        .contains(
            "using idempotency_key_0_pkey",
            "using idempotency_key_1_pkey",
            "using idempotency_key_2_pkey",
            "Index Scan Backward using domain_event_sequence",
            "Scan Backward using domain_event_pkey")
        .doesNotContain("Seq Scan");
  }

  private List<String> plan(String append) throws SQLException {
    try (Connection connection =
            Objects.requireNonNull(fixture.jdbc.getDataSource()).getConnection();
        var statement = connection.createStatement()) {
      statement.execute(AppendStatement.PLAN_SETTINGS);
      statement.execute(AppendStatement.PREPARE);
      statement.execute(AppendStatement.PREPARE_KEYED);
      var lines = new ArrayList<String>();
      try (var rows = statement.executeQuery("explain (costs off) execute " + append)) {
        while (rows.next()) lines.add(rows.getString(1));
      }
      return lines;
    }
  }
}
