package com.sdragent.imports.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.events.ImportEvent;
import com.sdragent.imports.events.ImportEventType;
import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.events.ImportStatus;
import com.sdragent.imports.events.kafka.ImportEventDeserializer;
import com.sdragent.imports.testservers.TestPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Holds what a run left behind against what must be true of it. */
final class Audit {
  private static final Duration CATCH_UP_WITHIN = Duration.ofSeconds(60);

  private final TestPostgres.Database database;
  private final String kafka;
  private final String eventsTopic;

  Audit(TestPostgres.Database database, String kafka, String eventsTopic) {
    this.database = database;
    this.kafka = kafka;
    this.eventsTopic = eventsTopic;
  }

  /** A row of the store. */
  record Stored(long position, UUID importId, long sequence, UUID eventId, ImportEvent event) {}

  /** Positions are 1..n, and the sequence numbers of each import 0..k, in the same order. */
  List<Stored> assertStoreHasNoGap() throws SQLException {
    List<Stored> events = stored();
    var next = new HashMap<UUID, Long>();
    for (int i = 0; i < events.size(); i++) {
      Stored event = events.get(i);
      assertThat(event.position()).isEqualTo(i + 1L);
      assertThat(event.sequence())
          .as("sequence number at position %d", event.position())
          .isEqualTo(next.getOrDefault(event.importId(), 0L));
      next.put(event.importId(), event.sequence() + 1);
    }
    return events;
  }

  /** Once it has caught up, the read model is what the fold of all events says. */
  Map<UUID, Active> assertReadModelEqualsFold() throws SQLException {
    List<Stored> events = stored();
    var states = new HashMap<UUID, ImportState>();
    for (Stored stored : events) {
      states.compute(
          stored.importId(),
          (_, before) -> (before == null ? ImportState.absent() : before).next(stored.event()));
    }
    var expected = new HashMap<UUID, Active>();
    states.forEach(
        (id, state) -> {
          if (state instanceof Active active) expected.put(id, active);
        });
    await("the projection reaches " + events.size(), () -> projected() >= events.size());
    assertThat(readModel()).isEqualTo(expected);
    return expected;
  }

  /** A read_committed consumer sees every event once, those of one import in order. */
  void assertTopicHoldsEveryEventOnceAndInOrder() throws SQLException {
    List<Stored> events = stored();
    var records = consume(events.size());
    var seen = new HashMap<UUID, Long>();
    var next = new HashMap<String, Long>();
    for (ConsumerRecord<String, byte[]> record : records) {
      UUID eventId = UUID.fromString(header(record, "ce_id"));
      long position = Long.parseLong(header(record, "ce_position"));
      assertThat(seen.put(eventId, position)).as("event %s was there before", eventId).isNull();
      assertThat(Long.parseLong(header(record, "ce_importsequence")))
          .isEqualTo(next.merge(record.key(), 0L, (before, _) -> before + 1));
      Stored stored = events.get((int) position - 1);
      assertThat(stored.eventId()).isEqualTo(eventId);
      assertThat(stored.importId().toString()).isEqualTo(record.key());
      assertThat(new ImportEventDeserializer().deserialize("", record.headers(), record.value()))
          .isEqualTo(stored.event());
    }
    assertThat(seen).hasSameSizeAs(events);
  }

  List<Stored> stored() throws SQLException {
    try (Connection connection = database.connect();
        var select =
            connection.prepareStatement(
                "select position, aggregate_id, sequence_number, event_id, event_type, revision,"
                    + " payload from domain_event order by position");
        ResultSet row = select.executeQuery()) {
      var events = new ArrayList<Stored>();
      while (row.next()) {
        events.add(
            new Stored(
                row.getLong(1),
                row.getObject(2, UUID.class),
                row.getLong(3),
                row.getObject(4, UUID.class),
                ImportEventType.read(row.getString(5), row.getInt(6), row.getBytes(7))
                    .orElseThrow()));
      }
      return events;
    }
  }

  private Map<UUID, Active> readModel() throws SQLException {
    try (Connection connection = database.connect();
        var select =
            connection.prepareStatement(
                "select id, org_id, campaign_id, source, file_name, status, total_rows, created_at,"
                    + " updated_at from import_view");
        ResultSet row = select.executeQuery()) {
      var rows = new HashMap<UUID, Active>();
      while (row.next()) {
        var active =
            new Active(
                row.getObject(1, UUID.class),
                row.getObject(2, UUID.class),
                row.getObject(3, UUID.class),
                row.getString(4),
                row.getString(5),
                ImportStatus.labelled(row.getString(6)).orElseThrow(),
                row.getLong(7),
                row.getObject(8, OffsetDateTime.class).toInstant(),
                row.getObject(9, OffsetDateTime.class).toInstant());
        rows.put(active.id(), active);
      }
      return rows;
    }
  }

  private long projected() throws SQLException {
    try (Connection connection = database.connect();
        var select = connection.createStatement();
        ResultSet row =
            select.executeQuery(
                "select position from projection_position where name = 'imports'"
                    + " order by batch desc limit 1")) {
      row.next();
      return row.getLong(1);
    }
  }

  /** Everything that was committed to the topic, once it is as much as is expected. */
  private List<ConsumerRecord<String, byte[]>> consume(int expected) {
    Map<String, Object> settings =
        Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
            kafka,
            ConsumerConfig.ISOLATION_LEVEL_CONFIG,
            "read_committed",
            // A fetch that waits for more records holds up the question for the end behind it.
            ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG,
            10);
    try (var consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
      long deadline = System.nanoTime() + CATCH_UP_WITHIN.toNanos();
      // The relay may not have made it yet.
      while (consumer.partitionsFor(eventsTopic).isEmpty() && System.nanoTime() < deadline) {
        LockSupport.parkNanos(50_000_000);
      }
      List<TopicPartition> partitions =
          consumer.partitionsFor(eventsTopic).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      var records = new ArrayList<ConsumerRecord<String, byte[]>>();
      while (System.nanoTime() < deadline) {
        consumer.poll(Duration.ofMillis(200)).forEach(records::add);
        if (records.size() >= expected && atTheEnd(consumer, partitions)) break;
      }
      return records;
    }
  }

  private static boolean atTheEnd(
      KafkaConsumer<String, byte[]> consumer, List<TopicPartition> partitions) {
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    return partitions.stream()
        .allMatch(partition -> consumer.position(partition) >= ends.getOrDefault(partition, 0L));
  }

  private static String header(ConsumerRecord<?, ?> record, String name) {
    return new String(record.headers().lastHeader(name).value(), UTF_8);
  }

  /** A condition on the database. */
  interface Condition {
    boolean holds() throws SQLException;
  }

  static void await(String what, Condition condition) throws SQLException {
    long deadline = System.nanoTime() + CATCH_UP_WITHIN.toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() > deadline) throw new AssertionError("Not within a minute: " + what);
      LockSupport.parkNanos(5_000_000);
    }
  }
}
