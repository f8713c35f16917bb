package com.sdragent.imports.tool;

import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.testservers.GeneratedEvents;
import com.sdragent.imports.tool.WrittenStore.Outcome;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
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

  @Test
  void a_store_is_verified_at_a_good_part_of_the_rate_of_a_plain_copy() throws Exception {
    try (var store = new WrittenStore()) {
      GeneratedEvents.append(store.database, WrittenStore.ORG.toString(), IMPORTS, EVENTS_EACH);
      GeneratedEvents.project(store.database);
      var copied = new ArrayList<Double>();
      var chained = new ArrayList<Double>();
      var verified = new ArrayList<Double>();
      // The first round is for the virtual machine and for PostgreSQL's cache.
      for (int round = 0; round <= ROUNDS; round++) {
        double copy = seconds(() -> copy(store));
        double chain = seconds(() -> verify(store, "--chain-only"));
        double all = seconds(() -> verify(store, "--json"));
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
  }

  private interface Action {
    void run() throws SQLException;
  }

  private static double seconds(Action action) throws SQLException {
    long start = System.nanoTime();
    action.run();
    return (System.nanoTime() - start) / 1e9;
  }

  private static void verify(WrittenStore store, String option) {
    Outcome outcome = store.tool("verify", option);
    assertThat(outcome.exitCode()).as(outcome.out() + outcome.err()).isEqualTo(0);
  }

  private static void copy(WrittenStore store) throws SQLException {
    try (Connection connection = store.database.connect()) {
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
