package com.sdragent.imports.benchmarks;

import static java.util.Comparator.comparingInt;
import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.benchmarks.Audit.Stored;
import com.sdragent.imports.benchmarks.fill.Fill;
import com.sdragent.imports.testservers.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A store that was filled by the million holds what the service would have written. */
class FillIT {
  private static final int EVENTS = 3_000;

  @Test
  void what_is_filled_in_has_no_gap_a_valid_chain_and_the_rows_of_its_events()
      throws IOException, SQLException {
    TestPostgres.Database database = migrated();
    assertThat(fill(database)).isZero();

    var audit = new Audit(database, "", "");
    List<Stored> events = audit.assertStoreHasNoGap();
    assertThat(events).hasSizeBetween(EVENTS, EVENTS + 1);
    assertThat(audit.assertReadModelEqualsFold()).hasSizeGreaterThan(EVENTS / 10);
    assertThat(events.stream().map(event -> event.event().getClass()).distinct()).hasSize(6);
    assertThat(events.stream().map(event -> event.event().orgId()).distinct()).hasSize(20);
    try (var connection = database.connect();
        var statement = connection.createStatement();
        var broken =
            statement.executeQuery(
                """
                select count(*) from (
                  select position, hash, domain_event_digest(e.*) as digest,
                         lag(hash, 1, decode(repeat('00', 32), 'hex')) over (order by position) as previous
                  from domain_event e) c
                where hash <> sha256(previous || int8send(position) || digest)
                """)) {
      broken.next();
      assertThat(broken.getLong(1)).isZero();
    }
    // What is there already is left alone.
    assertThat(fill(database)).isEqualTo(1);
    assertThat(audit.stored()).hasSameSizeAs(events);
  }

  private static int fill(TestPostgres.Database database) {
    return Fill.run(
        "--url=" + database.jdbcUrl(),
        "--user=" + database.username(),
        "--password=" + database.password(),
        "--events=" + EVENTS,
        "--organizations=20");
  }

  /** A database with the schema, by the scripts of all its owners, without a node. */
  private static TestPostgres.Database migrated() throws IOException, SQLException {
    TestPostgres.Database database = TestPostgres.freshDatabase();
    var scripts = new ArrayList<Path>();
    for (String owner :
        List.of("infra/event-store", "infra/access", "query-side", "command-side")) {
      Path directory = Cluster.HOME.resolve(owner).resolve("src/main/resources/db/migration");
      try (Stream<Path> files = Files.list(directory)) {
        scripts.addAll(files.toList());
      }
    }
    scripts.sort(comparingInt(FillIT::version));
    try (var connection = database.connect();
        var statement = connection.createStatement()) {
      for (Path script : scripts) statement.execute(Files.readString(script));
    }
    return database;
  }

  private static int version(Path script) {
    return Integer.parseInt(script.getFileName().toString().replaceAll("V(\\d+)__.*", "$1"));
  }
}
