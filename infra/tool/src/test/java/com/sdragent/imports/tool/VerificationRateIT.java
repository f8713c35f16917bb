package com.sdragent.imports.tool;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.testservers.GeneratedEvents;
import com.sdragent.imports.tool.WrittenStore.Outcome;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/** How fast the past is proven, beside how fast PostgreSQL hands it out. */
@Tag("soak")
class VerificationRateIT {
  private static final int EVENTS_EACH = 5;
  private static final int IMPORTS = Integer.getInteger("imports.test.imports", 200_000);
  private static final int ROUNDS = 5;

  private static final WrittenStore STORE = new WrittenStore();

  @BeforeAll
  static void manyImports() throws SQLException {
    GeneratedEvents.append(STORE.database, WrittenStore.ORG.toString(), IMPORTS, EVENTS_EACH);
    GeneratedEvents.project(STORE.database);
    STORE.sql.update(
        """
        insert into snapshot
        select id, 4, 'Import', 1, updated_at, json_build_object('active', json_build_object(
               'id', id, 'org_id', org_id, 'campaign_id', campaign_id, 'source', source,
               'file_name', file_name, 'status', status, 'total_rows', total_rows,
               'created_at', to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
               'updated_at', to_char(updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')),
               'deleted', null)
        from import_view
        """);
  }

  @AfterAll
  static void close() {
    STORE.close();
  }

  @Test
  void imports_and_snapshots_without_number_are_compared_in_64_megabytes() throws Exception {
    String classes =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-cp",
                classes,
                ImportsTool.class.getName(),
                "verify",
                "--url=" + STORE.database.jdbcUrl(),
                "--user=" + STORE.database.username(),
                "--password=" + STORE.database.password())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output)
        .contains(
            String.format(
                Locale.ROOT,
                "%1$,d imports: %1$,d rows of the read model, %1$,d snapshots; 0 not",
                IMPORTS));
  }

  @Test
  void a_store_is_verified_at_a_good_part_of_the_rate_of_a_plain_copy() throws Exception {
    var copied = new ArrayList<Double>();
    var chained = new ArrayList<Double>();
    var verified = new ArrayList<Double>();
    // The first round is for the virtual machine and for PostgreSQL's cache.
    for (int round = 0; round <= ROUNDS; round++) {
      double copy = seconds(() -> copy());
      double chain = seconds(() -> assertVerified("--chain-only"));
      double all = seconds(() -> assertVerified("--json"));
      if (round == 0) continue;
      copied.add(copy);
      chained.add(chain);
      verified.add(all);
    }
    double events = IMPORTS * (double) EVENTS_EACH;
    double copy = median(copied);
    System.out.printf(
        "%,.0f events: COPY %,.0f events/s, chain %,.0f/s (%.2f of it), chain, snapshots and read"
            + " model %,.0f/s (%.2f of it)%n",
        events,
        events / copy,
        events / median(chained),
        copy / median(chained),
        events / median(verified),
        copy / median(verified));
    assertThat(copy / median(chained)).isGreaterThan(0.2);
    assertThat(copy / median(verified)).isGreaterThan(0.1);
  }

  private interface Action {
    void run() throws SQLException;
  }

  private static double seconds(Action action) throws SQLException {
    long start = System.nanoTime();
    action.run();
    return (System.nanoTime() - start) / 1e9;
  }

  private static void assertVerified(String option) {
    Outcome outcome = STORE.tool("verify", option);
    assertThat(outcome.exitCode()).as(outcome.out() + outcome.err()).isEqualTo(0);
  }

  private static void copy() throws SQLException {
    try (Connection connection = STORE.database.connect()) {
      CopyOut copy =
          connection
              .unwrap(PGConnection.class)
              .getCopyAPI()
              .copyOut("copy domain_event to stdout (format binary)");
      long bytes = 0;
      for (byte[] row = copy.readFromCopy(); row != null; row = copy.readFromCopy()) {
        bytes += row.length;
      }
      assertThat(bytes).isPositive();
    }
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }
}
