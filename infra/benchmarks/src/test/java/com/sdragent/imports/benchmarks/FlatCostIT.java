package com.sdragent.imports.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.benchmarks.ImportsClient.Answer;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a write costs as the store and an import grow. */
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
      Store store = filled(cluster, SMALL);
      // The first change folds all events, and leaves a snapshot: no later one does.
      rate(client, store, Kind.PUT_OLD, Duration.ofSeconds(1));
      compare(client, List.of(store), 3, Duration.ofMillis(300), 2.0);
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
      for (Kind kind : Kind.values()) {
        for (Store store : stores) rate(client, store, kind, Duration.ofSeconds(5));
      }
      compare(client, stores, 9, Duration.ofMillis(1500), 1.2);
    }
  }

  private enum Kind {
    POST,
    PUT_NEW,
    PUT_OLD
  }

  private static Cluster cluster() {
    return new Cluster(1, 0, Map.of("imports.relay.enabled", "false"));
  }

  /** Alternates between all kinds and stores, so that what else the machine does hits all alike. */
  private static void compare(
      ImportsClient client, List<Store> stores, int rounds, Duration time, double most)
      throws InterruptedException {
    var rates = new HashMap<Measured, List<Double>>();
    for (int round = 0; round < rounds; round++) {
      for (Kind kind : Kind.values()) {
        for (Store store : stores) {
          rates
              .computeIfAbsent(new Measured(kind, store), _ -> new ArrayList<>())
              .add(rate(client, store, kind, time));
        }
      }
    }
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
      throws InterruptedException {
    String url = store.cluster().commands(0);
    long end = System.nanoTime() + time.toNanos();
    List<Integer> counts =
        Clients.act(
            kind == Kind.POST ? CLIENTS : 1,
            number -> {
              int count = 0;
              String id = store.oldImport();
              if (kind == Kind.PUT_NEW) {
                id = client.send("POST", url, body(1)).json().get("id").stringValue();
              }
              for (long next = System.nanoTime(); next < end; next = System.nanoTime()) {
                Answer answer =
                    kind == Kind.POST
                        ? client.send("POST", url, body(number))
                        : client.send("PUT", url + id, body(next));
                assertThat(answer.status()).as(answer.body()).isIn(200, 201);
                count++;
              }
              return count;
            });
    return counts.stream().mapToInt(count -> count).sum() / (time.toMillis() / 1000.0);
  }

  private static String body(long rows) {
    return "{\"source\":\"csv_upload\",\"total_rows\":" + Math.abs(rows % 1_000_000_000_000L) + "}";
  }

  private static double median(Map<Measured, List<Double>> rates, Kind kind, Store store) {
    List<Double> values = rates.getOrDefault(new Measured(kind, store), List.of());
    return values.stream().sorted().toList().get(values.size() / 2);
  }

  /** Fills the store with imports of one event, and one of many, as the service would have. */
  private static Store filled(Cluster cluster, int events) throws SQLException {
    var old = UUID.randomUUID();
    long old0 = events;
    try (var connection = cluster.database.connect();
        var statement = connection.createStatement()) {
      statement.execute(
          """
          insert into domain_event (position, aggregate_id, sequence_number, event_id, event_type,
                                    revision, organization, occurred_at, payload, metadata)
          select n, id, 0, gen_random_uuid(), 'ImportCreated', 1, '%1$s', at,
                 json_build_object('import_id', id, 'org_id', '%1$s', 'campaign_id', null,
                   'source', 'csv_upload', 'source_label', 'CSV Upload', 'file_name', 'a.csv',
                   'status', 'pending', 'total_rows', n, 'occurred_at', '2024-10-06T12:00:00Z'),
                 '{"actor":"a test","request_id":"generated"}'
          from (select n, gen_random_uuid() as id, timestamptz '2024-10-06 12:00:00Z' as at
                from generate_series(1, %2$d) n) e
          """
              .formatted(Cluster.ORGANIZATION, events));
      statement.execute(
          """
          insert into domain_event (position, aggregate_id, sequence_number, event_id, event_type,
                                    revision, organization, occurred_at, payload, metadata)
          select %2$d + n, '%3$s', n - 1, gen_random_uuid(),
                 case when n = 1 then 'ImportCreated' else 'ImportDetailsChanged' end, 1, '%1$s',
                 timestamptz '2024-10-06 12:00:00Z' + n * interval '1 second',
                 case when n = 1 then
                   json_build_object('import_id', '%3$s', 'org_id', '%1$s', 'campaign_id', null,
                     'source', 'csv_upload', 'source_label', 'CSV Upload', 'file_name', 'a.csv',
                     'status', 'pending', 'total_rows', 0, 'occurred_at', '2024-10-06T12:00:01Z')
                 else
                   json_build_object('import_id', '%3$s', 'org_id', '%1$s', 'source', 'csv_upload',
                     'source_label', null, 'file_name', 'a.csv', 'total_rows', n, 'occurred_at',
                     to_char(timestamp '2024-10-06 12:00:00' + n * interval '1 second',
                       'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
                 end,
                 '{"actor":"a test","request_id":"generated"}'
          from generate_series(1, %4$d) n
          """
              .formatted(Cluster.ORGANIZATION, old0, old, EVENTS_OF_THE_OLD_IMPORT));
      statement.execute("vacuum (analyze) domain_event");
      statement.execute("checkpoint");
    }
    return new Store(cluster, old.toString(), events);
  }
}
