package com.sdragent.imports.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.benchmarks.ImportsClient.Answer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Two command nodes that change the same import under load. */
@Tag("soak")
class TwoWritersIT {

  @Test
  void sixteen_clients_that_fight_over_one_import_leave_the_others_their_throughput()
      throws Exception {
    try (var cluster = new Cluster(2, 0, Map.of());
        var client = new ImportsClient(Cluster.KEY, 64)) {
      String fought = create(client, cluster.commands(0));
      written(client, cluster, 32, 16, fought, Duration.ofSeconds(30));
      var ratios = new java.util.ArrayList<Double>();
      for (int round = 0; round < 5; round++) {
        Duration time = Duration.ofSeconds(8);
        // The same 32 clients: first each on imports of its own, then half of them on one.
        double peaceful = written(client, cluster, 32, 32, fought, time);
        double besideAFight = written(client, cluster, 32, 16, fought, time);
        double alone = written(client, cluster, 16, 16, fought, time);
        ratios.add(besideAFight / peaceful);
        System.out.printf(
            "writes/s of the 16 others: %,.0f beside 16 peaceful clients, %,.0f beside a fight"
                + " (%.2f), %,.0f alone (%.2f)%n",
            peaceful, besideAFight, besideAFight / peaceful, alone, besideAFight / alone);
      }
      ratios.sort(null);
      assertThat(ratios.get(ratios.size() / 2)).isGreaterThan(0.7);
    }
  }

  /** Writes a second of the first 16 clients, of whom those from {@code peaceful} on fight. */
  private static double written(
      ImportsClient client,
      Cluster cluster,
      int clients,
      int peaceful,
      String fought,
      Duration time)
      throws InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    List<Integer> counts =
        Clients.act(
            clients,
            number -> {
              int count = 0;
              String own = number < peaceful ? create(client, cluster.commands(number)) : fought;
              while (System.nanoTime() < end) {
                Answer answer =
                    put(
                        client,
                        cluster.commands(number) + own,
                        "{\"total_rows\":" + (number * 10_000_000L + count) + "}");
                assertThat(answer.status()).as(answer.body()).isIn(200, 503);
                count++;
              }
              return count;
            });
    return counts.subList(0, 16).stream().mapToInt(count -> count).sum()
        / (time.toMillis() / 1000.0);
  }

  private static String create(ImportsClient client, String url) {
    Answer created = client.send("POST", url, "{\"source\":\"csv_upload\"}");
    assertThat(created.status()).as(created.body()).isEqualTo(201);
    return created.json().get("id").stringValue();
  }

  private static Answer put(ImportsClient client, String url, String body) {
    return client.send("PUT", url, body);
  }
}
