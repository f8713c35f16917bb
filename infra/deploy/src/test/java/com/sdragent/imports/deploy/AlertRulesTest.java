package com.sdragent.imports.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Prometheus' own tool is told what nodes say, of what takes hours or years to break. */
class AlertRulesTest {
  @TempDir private Path directory;

  /**
   * A node says so each minute: it looks every ten, and empties nothing from the second hour on.
   */
  @Test
  void old_answers_that_stay_for_three_hours_are_alarmed_until_they_are_removed() throws Exception {
    assertAlerts(
        """
        - series: imports_old_answers_seconds{instance="command-1:9090"}
          values: 0+60x9 0+60x9 0+60x200 0+60x9
        """,
        """
        - {eval_time: 19m, alertname: ImportsOldAnswersStay}
        - {eval_time: 210m, alertname: ImportsOldAnswersStay}
        - eval_time: 211m
          alertname: ImportsOldAnswersStay
          exp_alerts:
            - exp_labels: {severity: warning}
              exp_annotations:
                summary: Answers under idempotency keys have not been removed for 3h 11m 0s
                runbook_url: infra/docs/operations.md#importsoldanswersstay
        - {eval_time: 221m, alertname: ImportsOldAnswersStay}
        """);
  }

  @Test
  void a_store_that_grows_is_alarmed_long_before_postgresql_stops() throws Exception {
    assertAlerts(
        """
        - {series: 'imports_store_freeze_age{instance="command-1:9090"}', values: 700000000x70 200000000}
        - {series: 'imports_store_not_vacuumed_events{instance="command-1:9090"}', values: 25000000x70 0}
        - {series: 'imports_store_bytes{instance="command-1:9090", part="table"}', values: 26388279066624x70 0}
        """,
        """
        - {eval_time: 59m, alertname: ImportsStoreNotFrozen}
        - eval_time: 60m
          alertname: ImportsStoreNotFrozen
          exp_alerts:
            - exp_labels: {severity: warning}
              exp_annotations:
                summary: The oldest row that is not frozen is 700M transactions old
                runbook_url: infra/docs/operations.md#importsstorenotfrozen
        - {eval_time: 71m, alertname: ImportsStoreNotFrozen}
        - {eval_time: 59m, alertname: ImportsStoreNotVacuumed}
        - eval_time: 60m
          alertname: ImportsStoreNotVacuumed
          exp_alerts:
            - exp_labels: {severity: warning}
              exp_annotations:
                summary: 25M events were stored since the log was last vacuumed
                runbook_url: infra/docs/operations.md#importsstorenotvacuumed
        - {eval_time: 71m, alertname: ImportsStoreNotVacuumed}
        - eval_time: 1m
          alertname: ImportsStoreNearItsEnd
          exp_alerts:
            - exp_labels: {severity: warning}
              exp_annotations:
                summary: The log has 24TiB of the 32 TiB that PostgreSQL allows a table
                runbook_url: infra/docs/operations.md#importsstorenearitsend
        - {eval_time: 71m, alertname: ImportsStoreNearItsEnd}
        """);
  }

  /** Nothing that anybody can do to a node fails a loop: that would be a fault of the service. */
  @Test
  void a_loop_that_failed_is_told_of_for_ten_minutes() throws Exception {
    assertAlerts(
        """
        - {series: 'imports_loop_failures_total{instance="query-1:9090", loop="feed tail"}', values: 0x5 1x20}
        - {series: 'imports_loop_failures_total{instance="query-1:9090", loop="relay"}', values: 3x25}
        """,
        """
        - {eval_time: 5m, alertname: ImportsLoopFails}
        - eval_time: 6m
          alertname: ImportsLoopFails
          exp_alerts:
            - exp_labels: {severity: warning, loop: feed tail}
              exp_annotations:
                summary: The background thread feed tail failed
                runbook_url: infra/docs/operations.md#importsloopfails
        - {eval_time: 20m, alertname: ImportsLoopFails}
        """);
  }

  /** A node that has no memory at all does not answer Prometheus in time. */
  @Test
  void a_heap_is_full_when_collections_take_a_tenth_of_the_time_and_free_nothing()
      throws Exception {
    assertAlerts(
        """
        - {series: 'jvm_gc_overhead{instance="command-1:9090"}', values: 0.05x9 0.2x20 0.05x9}
        - {series: 'jvm_memory_usage_after_gc{instance="command-1:9090", area="heap", pool="long-lived"}', values: 0.9x40}
        - {series: 'jvm_gc_overhead{instance="command-2:9090"}', values: 0.2x40}
        - {series: 'jvm_memory_usage_after_gc{instance="command-2:9090", area="heap", pool="long-lived"}', values: 0.8x40}
        """,
        """
        - {eval_time: 24m, alertname: ImportsHeapFull}
        - eval_time: 25m
          alertname: ImportsHeapFull
          exp_alerts:
            - exp_labels: {severity: warning, instance: "command-1:9090"}
              exp_annotations:
                summary: "command-1:9090 spends 20% of its time on collections and gets no memory by them"
                runbook_url: infra/docs/operations.md#importsheapfull
        - {eval_time: 31m, alertname: ImportsHeapFull}
        """);
  }

  private void assertAlerts(String series, String expected)
      throws IOException, InterruptedException {
    assumeTrue(
        WatchedService.canBeWatched(),
        "The rules are not tried: that needs promtool, which is not there.");
    Path test = directory.resolve("test.yaml");
    Files.writeString(
        test,
        """
        rule_files: [%s]
        evaluation_interval: 1m
        tests:
          - interval: 1m
            input_series:
        %s    alert_rule_test:
        %s\
        """
            .formatted(Queries.ALERTS.toAbsolutePath(), series.indent(6), expected.indent(6)));
    Process promtool =
        new ProcessBuilder("promtool", "test", "rules", test.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(promtool.getInputStream().readAllBytes(), UTF_8);
    assertThat(promtool.waitFor()).as(said).isZero();
  }
}
