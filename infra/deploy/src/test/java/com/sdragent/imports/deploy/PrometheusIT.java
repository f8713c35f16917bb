package com.sdragent.imports.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sdragent.imports.testservers.TestKafka;
import com.sdragent.imports.testservers.TestPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real Prometheus scrapes a node of each side, and is asked what the board and the alerts ask.
 */
class PrometheusIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir static Path directory;
  private static WatchedService service;

  @BeforeAll
  static void start() throws IOException {
    assumeTrue(
        WatchedService.canBeWatched(),
        "The queries of board and alerts are not tried: that needs Prometheus, which is not"
            + " there.");
    service =
        new WatchedService(
            directory,
            TestPostgres.freshDatabase(),
            TestKafka.bootstrapServers(),
            1,
            false,
            Map.of());
  }

  /** Asks both sides for all that leaves a trace in the metrics. */
  private static void drive() throws IOException, InterruptedException {
    String id = service.create("command-1");
    service.send("command-1", "PUT", "/imports/" + id, "{\"status\": \"processing\"}");
    // Most reads are not of what was written just now, or they would wait for the projection.
    for (int n = 0; n < 5; n++) service.send("query-1", "GET", "/imports/" + id, "");
    service.send("query-1", "GET", "/imports/", "");
    service.send("query-1", "GET", "/imports/summary", "");
    service.send("query-1", "GET", "/imports/00000000-0000-0000-0000-000000000000", "");
    service.send("command-1", "GET", "/imports/", "", "sk_of_nobody_that_is_known");
  }

  @AfterAll
  static void stop() {
    if (service != null) service.close();
  }

  @Test
  void every_panel_shows_something() {
    assertData(Queries.ofTheBoard());
  }

  @Test
  void every_alert_looks_at_something_that_there_is() {
    assertData(Queries.ofTheAlerts());
  }

  @Test
  void a_query_for_what_nobody_tells_is_without_data() {
    assertThat(withoutData(Map.of("nothing", "sum(rate(imports_nothing_total[5m]))"))).hasSize(1);
  }

  /** Some alerts are pending before the nodes have a turn; none may stay so, and none may fire. */
  @Test
  void nothing_is_alarmed_while_all_is_well() {
    assertData(Queries.ofTheAlerts());
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              drive();
              assertThat(service.alerts().values())
                  .hasSameSizeAs(Queries.alerts())
                  .allSatisfy(
                      rule ->
                          assertThat(
                                  rule.get("health").stringValue()
                                      + " "
                                      + rule.get("state").stringValue())
                              .as(rule.toString())
                              .isEqualTo("ok inactive"));
            });
    assertThat(service.values("max_over_time(ALERTS{alertstate=\"firing\"}[1h])")).isEmpty();
  }

  @Test
  void promtool_takes_alerts_and_configuration() throws IOException, InterruptedException {
    Process check =
        new ProcessBuilder("promtool", "check", "config", "prometheus/prometheus.yaml")
            .redirectErrorStream(true)
            .start();
    String said = new String(check.getInputStream().readAllBytes(), UTF_8);
    assertThat(check.waitFor()).as(said).isZero();
    assertThat(said).contains(Queries.alerts().size() + " rules found");
  }

  /**
   * Drives the nodes until all has data: a rate has some once two scrapes have seen its counter.
   */
  private static void assertData(Map<String, String> queries) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              drive();
              assertThat(withoutData(queries)).isEmpty();
            });
  }

  private static List<String> withoutData(Map<String, String> queries) {
    var without = new ArrayList<String>();
    queries.forEach(
        (where, query) -> {
          String now = query.replace("$__rate_interval", "1m");
          if (service.values(now).isEmpty()) without.add(where + ": " + now);
        });
    return without;
  }
}
