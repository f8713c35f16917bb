package com.sdragent.imports.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.events.kafka.ImportStateDeserializer;
import com.sdragent.imports.testservers.CommittedRecords;
import com.sdragent.imports.testservers.TestKafka;
import com.sdragent.imports.testservers.TestPostgres;
import io.cloudevents.CloudEvent;
import io.cloudevents.kafka.KafkaMessageFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** What the page on consuming events says, with the consumers that stand there. */
class ConsumingEventsIT {
  private static final Path PAGE = Cluster.HOME.resolve("infra/docs/consuming-events.md");
  private static final Map<String, Object> KAFKA =
      Map.of("bootstrap.servers", TestKafka.bootstrapServers());
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @Test
  void tables_made_from_events_and_from_states_and_others_clients_see_what_the_read_model_shows()
      throws Exception {
    try (var cluster = new Cluster(1, 1, Map.of());
        var client = new ImportsClient(Cluster.KEY, 8)) {
      Clients.act(
          8,
          number -> {
            for (int i = 0; i < 60; i++) live(client, cluster, i);
            return number;
          });
      var audit = cluster.audit();
      Map<UUID, Active> imports = audit.theReadModelEqualsTheFold();
      audit.theTopicHoldsEveryEventOnceAndInOrder();
      int events = audit.stored().size();

      assertThat(tableFromEvents(cluster, events)).isEqualTo(imports);
      assertThat(tableFromStates(cluster)).isEqualTo(imports);
      aCloudEventsReaderUnderstandsThem(cluster, events);
      assertThat(consoleConsumer(cluster, events)).hasSize(events);
      theCommandOfThePagePublishesAgain(cluster, 8 * 60);
    }
  }

  @Test
  void the_page_shows_the_consumer_that_is_tested() throws Exception {
    String source =
        Files.readString(
            Cluster.HOME.resolve(
                "infra/benchmarks/src/test/java/com/sdragent/imports/benchmarks/ImportsTable.java"));
    assertThat(Files.readString(PAGE)).contains("```java\n" + source + "```");
  }

  private static void live(ImportsClient client, Cluster cluster, int number) {
    String url = cluster.commands(number);
    String id = client.send("POST", url, "{\"source\":\"webhook\"}").json().get("id").stringValue();
    for (int rows = 1; rows <= number % 3; rows++) {
      client.send("PUT", url + id, "{\"status\":\"processing\",\"total_rows\":" + rows + "}");
    }
    if (number % 5 == 0) client.send("DELETE", url + id, null);
  }

  private static Map<UUID, Active> tableFromEvents(Cluster cluster, int events)
      throws SQLException {
    try (Connection database = TestPostgres.freshDatabase().connect()) {
      int applied = 0;
      long deadline = System.nanoTime() + SOON.toNanos();
      while (applied < events && System.nanoTime() < deadline) {
        // Begun anew each time, as after a crash.
        try (var table = new ImportsTable(KAFKA, cluster.eventsTopic, database)) {
          applied += table.applyNext(Duration.ofSeconds(2));
        }
      }
      assertThat(applied).isEqualTo(events);
      var rows = new HashMap<UUID, Active>();
      try (var statement = database.createStatement();
          ResultSet row =
              statement.executeQuery(
                  "select id, state from imports_copy where state is not null")) {
        while (row.next()) {
          rows.put(row.getObject(1, UUID.class), JSON.readValue(row.getString(2), Active.class));
        }
      }
      return rows;
    }
  }

  private static Map<UUID, Active> tableFromStates(Cluster cluster) {
    var rows = new HashMap<UUID, Active>();
    String topic = cluster.eventsTopic.replace(".events", ".state");
    for (var record : CommittedRecords.of(TestKafka.bootstrapServers(), topic, 1, SOON)) {
      Active state = new ImportStateDeserializer().deserialize(topic, record.value());
      if (state == null) rows.remove(UUID.fromString(record.key()));
      else rows.put(UUID.fromString(record.key()), state);
    }
    return rows;
  }

  private static void aCloudEventsReaderUnderstandsThem(Cluster cluster, int events) {
    for (var record :
        CommittedRecords.of(TestKafka.bootstrapServers(), cluster.eventsTopic, events, SOON)) {
      CloudEvent event = KafkaMessageFactory.createReader(record).toEvent();
      assertThat(event.getType()).matches("com\\.sdragent\\.imports\\.Import[A-Za-z]+\\.v1");
      assertThat(event.getSubject()).isEqualTo(record.key());
      assertThat(event.getDataContentType()).isEqualTo("application/json");
      assertThat(event.getExtensionNames())
          .contains("organization", "importsequence", "position", "traceparent");
    }
  }

  private static void theCommandOfThePagePublishesAgain(Cluster cluster, int created)
      throws Exception {
    String topic = "imports.replay." + UUID.randomUUID();
    String line = command("imports-tool ").replace("imports.replay.billing", topic);
    var command =
        new ArrayList<String>(
            List.of(
                ServiceProcess.java(),
                "-jar",
                Cluster.HOME.resolve("infra/tool/target/imports-tool.jar").toString()));
    Collections.addAll(command, line.substring(line.indexOf(' ') + 1).split(" ", -1));
    Collections.addAll(command, "--service", cluster.commandNodes.getFirst().url());
    var process = new ProcessBuilder(command).redirectErrorStream(true);
    process.environment().put("IMPORTS_API_KEY", Cluster.OPERATOR_KEY);
    Process running = process.start();
    String output = new String(running.getInputStream().readAllBytes(), UTF_8);
    assertThat(running.waitFor()).as(output).isZero();
    assertThat(output)
        .contains(String.format(Locale.ROOT, "Replay completed: %,d events published", created));
    assertThat(CommittedRecords.of(TestKafka.bootstrapServers(), topic, created, SOON))
        .hasSize(created)
        .allMatch(record -> new String(record.value(), UTF_8).contains("\"source_label\""));
  }

  /** The line of the page that begins with this. */
  private static String command(String begin) throws Exception {
    return Files.readAllLines(PAGE).stream()
        .filter(one -> one.startsWith(begin))
        .findFirst()
        .orElseThrow();
  }

  /** The command of the page, with the topic and the broker of this test. */
  private static List<String> consoleConsumer(Cluster cluster, int events) throws Exception {
    String line =
        command("kafka-console-consumer.sh ")
            .replace("localhost:19092", TestKafka.bootstrapServers())
            .replace("imports.events", cluster.eventsTopic);
    var command =
        new ArrayList<String>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "org.apache.kafka.tools.consumer.ConsoleConsumer"));
    Collections.addAll(command, line.substring(line.indexOf(' ') + 1).split(" ", -1));
    // It ends with the last one, and sooner when there are fewer.
    Collections.addAll(command, "--max-messages", Integer.toString(events), "--timeout-ms", "8000");
    Path output = Files.createTempFile("console-consumer", ".txt");
    new ProcessBuilder(command)
        .redirectOutput(output.toFile())
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
    return Files.readAllLines(output).stream().filter(one -> one.contains("ce_id:")).toList();
  }
}
