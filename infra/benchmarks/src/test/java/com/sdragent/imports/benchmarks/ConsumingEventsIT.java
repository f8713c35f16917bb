package com.sdragent.imports.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.events.examples.ImportsTable;
import com.sdragent.imports.events.kafka.ImportStateDeserializer;
import com.sdragent.imports.testservers.CommittedRecords;
import com.sdragent.imports.testservers.ServiceProcess;
import com.sdragent.imports.testservers.TestKafka;
import com.sdragent.imports.testservers.TestPostgres;
import io.cloudevents.CloudEvent;
import io.cloudevents.kafka.KafkaMessageFactory;
import java.io.IOException;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.MapPropertySource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.kafka.annotation.EnableKafka;
import org.springframework.kafka.config.ConcurrentKafkaListenerContainerFactory;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.listener.CommonContainerStoppingErrorHandler;
import tools.jackson.databind.json.JsonMapper;

/** What the page on consuming events says, with the consumers that stand there. */
class ConsumingEventsIT {
  private static final Path PAGE = Cluster.HOME.resolve("infra/docs/consuming-events.md");
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final TestPostgres.Database copy = TestPostgres.freshDatabase();
  private final TestPostgres.Database copyOfSpring = TestPostgres.freshDatabase();

  @Test
  void all_consumers_of_the_page_see_what_the_read_model_shows() throws Exception {
    try (var cluster = new Cluster(1, 1, Map.of());
        var client = new ImportsClient(Cluster.KEY, 8)) {
      act(8, client, cluster, 15, () -> true);
      var audit = cluster.audit();
      int died = appliedUntilItsDatabaseFails(cluster);
      try (var staying = new Running(cluster, "table");
          var leaving = new Running(cluster, "table");
          // Of a group of its own: as one that was taken for dead and goes on beside the others.
          var zombie = new Running(cluster, "zombie");
          var _ = springKafka(cluster)) {
        act(2, client, cluster, 1, () -> staying.applied() > 0 && leaving.applied() > 0);
        leaving.close();
        act(8, client, cluster, 3, () -> true);
        Map<UUID, Active> imports = audit.assertReadModelEqualsFold();
        audit.assertTopicHoldsEveryEventOnceAndInOrder();
        int events = audit.stored().size();
        try (var console = new ConsoleConsumer(cluster, events)) {
          Audit.await(
              "the table holds every event",
              () -> died + staying.applied() + leaving.applied() + zombie.applied() >= events);
          assertThat(table(copy)).isEqualTo(imports);
          Audit.await("Spring's as well", () -> table(copyOfSpring).equals(imports));
          assertThat(tableFromStates(cluster)).isEqualTo(imports);
          List<ConsumerRecord<String, byte[]>> records =
              CommittedRecords.of(TestKafka.bootstrapServers(), cluster.eventsTopic, events, SOON);
          assertThatCloudEventsReadersUnderstand(records);
          assertThatATableStopsWhereAnEventIsMissing(cluster, records);
          assertThatTheCommandOfThePagePublishesAgain(
              cluster,
              Math.toIntExact(records.stream().filter(record -> sequence(record) == 0).count()));
          assertThat(console.records()).hasSize(events);
        }
        // To the end: none was applied twice.
        assertThat(died + staying.applied() + leaving.applied() + zombie.applied())
            .isEqualTo(events);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "shared-events/src/test/java/com/sdragent/imports/events/examples/ImportsTable.java",
        "infra/benchmarks/src/test/java/com/sdragent/imports/benchmarks/ImportsListener.java"
      })
  void the_page_shows_the_consumer_that_is_tested(String file) throws Exception {
    String source = Files.readString(Cluster.HOME.resolve(file));
    assertThat(Files.readString(PAGE)).contains("```java\n" + source + "```");
  }

  /** Some clients, each until it has made so many imports and the condition holds. */
  private static void act(
      int clients, ImportsClient client, Cluster cluster, int imports, BooleanSupplier enough)
      throws InterruptedException {
    Clients.act(
        clients,
        number -> {
          for (int i = 0; i < imports || !enough.getAsBoolean(); i++) live(client, cluster, i);
          return number;
        });
  }

  private static void live(ImportsClient client, Cluster cluster, int number) {
    String url = cluster.commands(number);
    String id = client.send("POST", url, "{\"source\":\"webhook\"}").json().get("id").stringValue();
    for (int rows = 1; rows <= number % 3; rows++) {
      client.send("PUT", url + id, "{\"status\":\"processing\",\"total_rows\":" + rows + "}");
    }
    if (number % 5 == 0) client.send("DELETE", url + id, null);
  }

  private static Map<String, Object> group(String name) {
    // Notices at once that another member has come or gone.
    return Map.of(
        "bootstrap.servers",
        TestKafka.bootstrapServers(),
        "group.id",
        "consuming-events-" + name,
        "heartbeat.interval.ms",
        100,
        "max.poll.records",
        20);
  }

  /** How many events were applied before the database failed in the middle of more. */
  private int appliedUntilItsDatabaseFails(Cluster cluster) throws SQLException {
    int applied = 0;
    try (Connection database = copy.connect();
        var table = new ImportsTable(group("table"), cluster.eventsTopic, database)) {
      while (applied == 0) applied = table.applyNext(Duration.ofMillis(100));
      try (var other = copy.connect();
          var statement = other.createStatement()) {
        statement.execute("alter table imports_copy_offset add check (next_offset < 0) not valid");
        int before = applied;
        assertThatThrownBy(() -> applyUntilItFails(table)).isInstanceOf(SQLException.class);
        assertThat(applied).isEqualTo(before);
        statement.execute(
            "alter table imports_copy_offset drop constraint"
                + " imports_copy_offset_next_offset_check");
      }
    }
    return applied;
  }

  private static void applyUntilItFails(ImportsTable table) throws SQLException {
    while (table.applyNext(Duration.ofMillis(100)) >= 0) {}
  }

  /** A consumer on a thread of its own. */
  private final class Running implements AutoCloseable {
    private final AtomicInteger applied = new AtomicInteger();
    private final AtomicBoolean done = new AtomicBoolean();
    private final CompletableFuture<?> running;

    Running(Cluster cluster, String group) {
      running =
          CompletableFuture.runAsync(
              () -> {
                try (Connection database = copy.connect();
                    var table = new ImportsTable(group(group), cluster.eventsTopic, database)) {
                  while (!done.get()) applied.addAndGet(table.applyNext(Duration.ofMillis(100)));
                } catch (SQLException e) {
                  throw new IllegalStateException(e);
                }
              },
              Thread::startVirtualThread);
    }

    int applied() {
      if (running.isCompletedExceptionally()) running.join();
      return applied.get();
    }

    @Override
    public void close() {
      done.set(true);
      running.join();
    }
  }

  private ConfigurableApplicationContext springKafka(Cluster cluster) throws SQLException {
    try (Connection database = copyOfSpring.connect();
        var statement = database.createStatement()) {
      statement.execute(
          "create table imports_copy (id uuid primary key, sequence bigint not null, state json)");
    }
    var context = new AnnotationConfigApplicationContext();
    context
        .getEnvironment()
        .getPropertySources()
        .addFirst(
            new MapPropertySource(
                "test", Map.of("imports.topic", cluster.eventsTopic, "imports.group", "spring")));
    context.registerBean(
        JdbcTemplate.class,
        () ->
            new JdbcTemplate(
                new SingleConnectionDataSource(
                    copyOfSpring.jdbcUrl(),
                    copyOfSpring.username(),
                    copyOfSpring.password(),
                    true)));
    context.register(SpringKafka.class, ImportsListener.class);
    context.refresh();
    return context;
  }

  /** What Spring Boot gives an application, and the one bean of the page. */
  @EnableKafka
  static class SpringKafka {
    @Bean
    ConcurrentKafkaListenerContainerFactory<Object, Object> kafkaListenerContainerFactory() {
      var factory = new ConcurrentKafkaListenerContainerFactory<Object, Object>();
      factory.setConsumerFactory(
          new DefaultKafkaConsumerFactory<>(
              Map.of("bootstrap.servers", TestKafka.bootstrapServers())));
      factory.setCommonErrorHandler(new CommonContainerStoppingErrorHandler());
      return factory;
    }
  }

  private static Map<UUID, Active> table(TestPostgres.Database copy) throws SQLException {
    try (Connection database = copy.connect();
        var statement = database.createStatement();
        ResultSet row =
            statement.executeQuery("select id, state from imports_copy where state is not null")) {
      var rows = new HashMap<UUID, Active>();
      while (row.next()) {
        rows.put(row.getObject(1, UUID.class), JSON.readValue(row.getString(2), Active.class));
      }
      return rows;
    }
  }

  private static void assertThatATableStopsWhereAnEventIsMissing(
      Cluster cluster, List<ConsumerRecord<String, byte[]>> records) throws SQLException {
    ConsumerRecord<String, byte[]> second =
        records.stream().filter(record -> sequence(record) == 1).findFirst().orElseThrow();
    try (Connection database = TestPostgres.freshDatabase().connect();
        var table = new ImportsTable(group("gap"), cluster.eventsTopic, database);
        var begin = database.prepareStatement("insert into imports_copy_offset values (?, ?)")) {
      begin.setInt(1, second.partition());
      begin.setLong(2, second.offset());
      begin.executeUpdate();
      database.commit();
      assertThatThrownBy(() -> applyUntilItFails(table)).hasMessageStartingWith("Missed an event");
    }
  }

  private static long sequence(ConsumerRecord<?, ?> record) {
    return Long.parseLong(
        new String(record.headers().lastHeader("ce_importsequence").value(), UTF_8));
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

  private static void assertThatCloudEventsReadersUnderstand(
      List<ConsumerRecord<String, byte[]>> records) {
    for (var record : records) {
      CloudEvent event = KafkaMessageFactory.createReader(record).toEvent();
      assertThat(event.getType()).matches("com\\.sdragent\\.imports\\.Import[A-Za-z]+\\.v1");
      assertThat(event.getSubject()).isEqualTo(record.key());
      assertThat(event.getDataContentType()).isEqualTo("application/json");
      assertThat(event.getExtensionNames())
          .contains("organization", "importsequence", "position", "traceparent");
    }
  }

  private static void assertThatTheCommandOfThePagePublishesAgain(Cluster cluster, int created)
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
  private static String command(String begin) throws IOException {
    return Files.readAllLines(PAGE).stream()
        .filter(one -> one.startsWith(begin))
        .findFirst()
        .orElseThrow();
  }

  /** The command of the page, with the topic and the broker of this test. */
  private static final class ConsoleConsumer implements AutoCloseable {
    private final Path output = Files.createTempFile("console-consumer", ".txt");
    private final Process process;

    ConsoleConsumer(Cluster cluster, int events) throws IOException {
      String line =
          command("kafka-console-consumer.sh ")
              .replace("localhost:19092", TestKafka.bootstrapServers())
              .replace("imports.events", cluster.eventsTopic);
      var command =
          new ArrayList<String>(
              List.of(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:TieredStopAtLevel=1",
                  "-cp",
                  System.getProperty("java.class.path"),
                  "org.apache.kafka.tools.consumer.ConsoleConsumer"));
      Collections.addAll(command, line.substring(line.indexOf(' ') + 1).split(" ", -1));
      // It would wait for more for ever.
      Collections.addAll(command, "--max-messages", Integer.toString(events));
      process =
          new ProcessBuilder(command)
              .redirectOutput(output.toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
    }

    List<String> records() throws Exception {
      assertThat(process.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
      return Files.readAllLines(output).stream().filter(one -> one.contains("ce_id:")).toList();
    }

    @Override
    public void close() throws IOException {
      process.destroyForcibly();
      Files.delete(output);
    }
  }
}
