package com.sdragent.imports.query.projection;

import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.query.QueryService;
import com.sdragent.imports.query.imports.SingleReads;
import com.sdragent.imports.testservers.GeneratedEvents;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a GET and a batch cost beside a snapshot that somebody holds open. */
class HeldSnapshotIT {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int BATCHES = 1000;
  private static final int READS = 500;

  @Test
  void a_look_touches_as_many_pages_after_a_thousand_batches_as_before() throws SQLException {
    try (var projection = new Driven("imports");
        Connection session = projection.node.database().connect();
        Connection _ = projection.snapshot()) {
      // One session, as a node's are: PostgreSQL keeps the plans that it has made in it.
      var sql = new JdbcTemplate(new SingleConnectionDataSource(session, true));
      UUID id = projection.batches(10);
      // From now on it knows how small the tables are, and would rather read all of them.
      sql.execute("analyze");
      List<String> looks =
          List.of(
              "select * from look_at_imports_0(array['%s', gen_random_uuid()]::uuid[])"
                  .formatted(id),
              "select * from look_at_organizations('imports', array['%s']::uuid[])"
                  .formatted(QueryService.ORGANIZATION));
      List<Long> before = looks.stream().map(look -> pagesOnceKept(sql, look)).toList();
      projection.batches(BATCHES);
      assertThat(
              sql.queryForObject(
                  "select count(*) from projection_position where name = 'imports'", Long.class))
          .isBetween(100L, 200L);
      for (int i = 0; i < looks.size(); i++) {
        // Indexes have grown by a level.
        assertThat(pages(sql, looks.get(i))).isBetween(1L, before.get(i) + 8);
      }
    }
  }

  /** How many pages it touches when PostgreSQL has made up its mind about the plan. */
  private static long pagesOnceKept(JdbcTemplate sql, String statement) {
    for (int i = 0; i < 10; i++) pages(sql, statement);
    return pages(sql, statement);
  }

  @Test
  void a_counter_touches_as_many_pages_after_a_thousand_batches_as_before() throws SQLException {
    try (var projection = new Driven("summary");
        Connection session = projection.node.database().connect();
        Connection _ = projection.snapshot()) {
      // One session, as a node's are: PostgreSQL keeps the plans that it has made in it.
      var sql = new JdbcTemplate(new SingleConnectionDataSource(session, true));
      projection.batches(10);
      // From now on it knows how small the tables are, and would rather read all of them.
      sql.execute("analyze");
      String read =
          "select * from summary_0('"
              + QueryService.ORGANIZATION
              + "', null, null, null, now()::date)";
      String write =
          """
          select add_to_summary_0(array[id], array[organization], array[status], array[source],
            array[campaign_id], array[day], '{0}', '{0}', '{0}', '{0}', '{0}', now()::date)
          from summary_cell_0
          """;
      pagesOnceKept(sql, write);
      long reading = pages(sql, read);
      long writing = pages(sql, write);
      projection.batches(BATCHES);
      assertThat(sql.queryForObject("select imports from summary_count_0", Long.class))
          .isEqualTo(BATCHES + 10L);
      assertThat(pages(sql, read)).isBetween(1L, reading + 2);
      assertThat(pages(sql, write)).isBetween(1L, writing + 4);
    }
  }

  @Test
  @Tag("soak")
  void a_get_and_a_batch_cost_what_they_do_without_it() throws SQLException {
    int rounds = Integer.getInteger("imports.test.batches", 100_000) / BATCHES;
    var beside = new Costs();
    var without = new Costs();
    try (var one = new Driven("imports");
        var other = new Driven("imports")) {
      for (int i = 0; i < 5; i++) {
        one.round(new Costs());
        other.round(new Costs());
      }
      try (Connection _ = one.snapshot()) {
        for (int i = 0; i < rounds; i++) {
          one.round(beside);
          other.round(without);
        }
      }
    }
    double batch = Costs.lately(beside.batches) / Costs.lately(without.batches);
    double get = Costs.lately(beside.reads) / Costs.lately(without.reads);
    System.out.printf(
        "Beside a snapshot held over %,d batches: a batch costs %.2f times (%,.0f µs), a GET %.2f"
            + " times (%,.0f µs) what it costs without%n",
        rounds * BATCHES,
        batch,
        Costs.lately(beside.batches) / 1000,
        get,
        Costs.lately(beside.reads) / 1000);
    assertThat(batch).isLessThan(1.2);
    assertThat(get).isLessThan(1.2);
  }

  /** How many pages PostgreSQL touches for a statement. */
  private static long pages(JdbcTemplate sql, String statement) {
    // Whoever comes first after a commit marks what it has found out.
    plan(sql, "analyze, buffers, timing off, summary off, ", statement);
    JsonNode look = plan(sql, "analyze, buffers, timing off, summary off, ", statement).get("Plan");
    return look.get("Shared Hit Blocks").longValue() + look.get("Shared Read Blocks").longValue();
  }

  private static JsonNode plan(JdbcTemplate sql, String options, String statement) {
    return JSON.readTree(
            String.valueOf(
                sql.queryForObject(
                    "explain (" + options + "format json) " + statement, String.class)))
        .get(0);
  }

  /** Nanoseconds, round by round. */
  private static final class Costs {
    final List<Double> batches = new ArrayList<>();
    final List<Double> reads = new ArrayList<>();

    /** The median of the second half: the snapshot was oldest then. */
    static double lately(List<Double> costs) {
      List<Double> last = costs.subList(costs.size() / 2, costs.size()).stream().sorted().toList();
      return last.get(last.size() / 2);
    }
  }

  /** A node whose projection takes batches of one event when it is told to. */
  private static final class Driven implements AutoCloseable {
    final QueryService node = new QueryService("--imports.query.batch-size=1");
    private final ProjectionBatches<?> projection;

    Driven(String name) {
      Projectors projectors = node.bean(Projectors.class);
      projectors.stop();
      projection =
          projectors.all().stream()
              .filter(one -> one.projection().name().equals(name))
              .findFirst()
              .orElseThrow()
              .batches();
    }

    /** Held open until it is closed. */
    Connection snapshot() throws SQLException {
      Connection held = node.database().connect();
      held.setAutoCommit(false);
      held.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      try (Statement statement = held.createStatement()) {
        statement.execute("select count(*) from domain_event");
      }
      return held;
    }

    UUID batches(int count) throws SQLException {
      UUID last =
          GeneratedEvents.append(node.database(), QueryService.ORGANIZATION.toString(), count, 1);
      for (int i = 0; i < count; i++) projection.applyNext();
      return last;
    }

    void round(Costs costs) throws SQLException {
      UUID last =
          GeneratedEvents.append(node.database(), QueryService.ORGANIZATION.toString(), BATCHES, 1);
      long begun = System.nanoTime();
      for (int i = 0; i < BATCHES; i++) projection.applyNext();
      long applied = System.nanoTime();
      for (int i = 0; i < READS; i++) {
        assertThat(SingleReads.find(node, last)).isPresent();
      }
      costs.batches.add((applied - begun) / (double) BATCHES);
      costs.reads.add((System.nanoTime() - applied) / (double) READS);
    }

    @Override
    public void close() {
      node.close();
    }
  }
}
