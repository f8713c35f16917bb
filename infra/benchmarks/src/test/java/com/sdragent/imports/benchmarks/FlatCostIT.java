package com.sdragent.imports.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.benchmarks.ImportsClient.Answer;
import com.sdragent.imports.testservers.GeneratedEvents;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a write costs as the store and an import grow. */
@Tag("soak")
class FlatCostIT {
  private static final int CLIENTS = 4;
  private static final int SMALL = 10_000;
  private static final int EVENTS_OF_THE_OLD_IMPORT = 10_000;

  /** A node and its store. */
  private record Store(Cluster cluster, String oldImport, int events) {}

  /** What one rate is of. */
  private record Measured(Kind kind, Store store) {}

  @Test
  void an_import_with_many_events_is_changed_at_the_cost_of_a_new_one() throws Exception {
    try (var cluster = cluster();
        var client = new ImportsClient(Cluster.KEY, CLIENTS)) {
      List<Store> stores = List.of(filled(cluster, SMALL));
      // The first change folds all events, and leaves a snapshot: no later one does.
      warmUp(client, stores, Duration.ofSeconds(1));
      var rates = new HashMap<Measured, List<Double>>();
      for (int i = 0; i < 3; i++) round(client, stores, Duration.ofMillis(300), rates);
      assertFlat(rates, stores, 2.0);
    }
  }

  @Test
  @Tag("soak")
  void ten_thousand_and_five_million_stored_events_cost_the_same() throws Exception {
    int large = Integer.getInteger("imports.test.stored-events", 5_000_000);
    try (var small = cluster();
        var big = cluster();
        var client = new ImportsClient(Cluster.KEY, 2 * CLIENTS)) {
      List<Store> stores = List.of(filled(small, SMALL), filled(big, large));
      warmUp(client, stores, Duration.ofSeconds(8));
      var rates = new HashMap<Measured, List<Double>>();
      for (int i = 0; i < 9; i++) round(client, stores, Duration.ofMillis(1500), rates);
      assertFlat(rates, stores, 1.2);
    }
  }

  @Test
  @Tag("soak")
  void beside_a_snapshot_that_is_held_open_a_write_and_the_head_cost_what_they_did()
      throws Exception {
    var held = Duration.ofSeconds(Long.getLong("imports.test.snapshot-seconds", 600));
    try (var without = cluster();
        var beside = cluster();
        var client = new ImportsClient(Cluster.KEY, 2 * CLIENTS)) {
      List<Store> stores = List.of(filled(without, SMALL), filled(beside, SMALL));
      warmUp(client, stores, Duration.ofSeconds(8));
      var rates = new HashMap<Measured, List<Double>>();
      try (var reader = beside.database.connect();
          var count = reader.createStatement()) {
        reader.setAutoCommit(false);
        reader.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        long seen = number(count, "select count(*) from domain_event");
        long end = System.nanoTime() + held.toNanos();
        while (System.nanoTime() < end) round(client, stores, Duration.ofSeconds(1), rates);
        assertThat(number(count, "select count(*) from domain_event")).isEqualTo(seen);
        reader.rollback();
      }
      // What the snapshot had grown to in the end.
      rates.values().forEach(values -> values.subList(0, values.size() / 2).clear());
      assertFlat(rates, stores, 1.2);
    }
  }

  private static long number(Statement statement, String query) throws SQLException {
    try (var row = statement.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    }
  }

  private enum Kind {
    POST,
    PUT_NEW,
    PUT_OLD,
    HEAD
  }

  private static Cluster cluster() {
    return new Cluster(1, 0, Map.of("imports.relay.enabled", "false"));
  }

  private static void warmUp(ImportsClient client, List<Store> stores, Duration time)
      throws Exception {
    for (Kind kind : Kind.values()) {
      for (Store store : stores) rate(client, store, kind, time);
    }
  }

  /** Alternates between all kinds and stores, so that what else the machine does hits all alike. */
  private static void round(
      ImportsClient client, List<Store> stores, Duration time, Map<Measured, List<Double>> rates)
      throws Exception {
    for (Kind kind : Kind.values()) {
      for (Store store : stores) {
        rates
            .computeIfAbsent(new Measured(kind, store), _ -> new ArrayList<>())
            .add(rate(client, store, kind, time));
      }
    }
  }

  private static void assertFlat(
      Map<Measured, List<Double>> rates, List<Store> stores, double most) {
    double worst = 0;
    for (Kind kind : Kind.values()) {
      for (Store store : stores) {
        double rate = median(rates, kind, store);
        double growth = median(rates, kind, stores.getFirst()) / rate;
        double age = kind == Kind.PUT_OLD ? median(rates, Kind.PUT_NEW, store) / rate : 1;
        worst = Math.max(worst, Math.max(growth, age));
        System.out.printf(
            "%-8s at %,10d events: %,8.0f/s, %.2f times the cost in the first store, %.2f times"
                + " that of a new import%n",
            kind, store.events(), rate, growth, age);
      }
    }
    assertThat(worst).isLessThan(most);
  }

  private static double rate(ImportsClient client, Store store, Kind kind, Duration time)
      throws Exception {
    long end = System.nanoTime() + time.toNanos();
    int done =
        switch (kind) {
          case POST ->
              Clients.act(CLIENTS, number -> posts(client, store, number, end)).stream()
                  .mapToInt(count -> count)
                  .sum();
          case PUT_NEW -> puts(client, store, created(client, store), end);
          case PUT_OLD -> puts(client, store, store.oldImport(), end);
          case HEAD -> heads(store, end);
        };
    return done / (time.toMillis() / 1000.0);
  }

  private static int posts(ImportsClient client, Store store, int number, long end) {
    int count = 0;
    for (; System.nanoTime() < end; count++) {
      Answer answer = client.send("POST", store.cluster().commands(0), body(number));
      assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    }
    return count;
  }

  private static int puts(ImportsClient client, Store store, String id, long end) {
    int count = 0;
    for (long next = System.nanoTime(); next < end; next = System.nanoTime()) {
      Answer answer = client.send("PUT", store.cluster().commands(0) + id, body(next));
      assertThat(answer.status()).as(answer.body()).isEqualTo(200);
      count++;
    }
    return count;
  }

  /** The look at the head that each consistent read begins with. */
  private static int heads(Store store, long end) throws SQLException {
    try (var connection = store.cluster().database.connect();
        var head =
            connection.prepareStatement(
                "select position from domain_event order by position desc limit 1")) {
      int count = 0;
      for (; System.nanoTime() < end; count++) {
        try (var row = head.executeQuery()) {
          assertThat(row.next()).isTrue();
        }
      }
      return count;
    }
  }

  private static String created(ImportsClient client, Store store) {
    Answer answer = client.send("POST", store.cluster().commands(0), body(1));
    return answer.json().get("id").stringValue();
  }

  private static String body(long rows) {
    return "{\"source\":\"csv_upload\",\"total_rows\":" + Math.abs(rows % 1_000_000_000_000L) + "}";
  }

  private static double median(Map<Measured, List<Double>> rates, Kind kind, Store store) {
    List<Double> values = rates.getOrDefault(new Measured(kind, store), List.of());
    return values.stream().sorted().toList().get(values.size() / 2);
  }

  /** A store with imports of one event, and one of many. */
  private static Store filled(Cluster cluster, int events) throws SQLException {
    GeneratedEvents.append(cluster.database, Cluster.ORGANIZATION, events, 1);
    UUID old =
        GeneratedEvents.append(cluster.database, Cluster.ORGANIZATION, 1, EVENTS_OF_THE_OLD_IMPORT);
    return new Store(cluster, old.toString(), events);
  }
}
