package com.sdragent.imports.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sdragent.imports.events.ImportEvent;
import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.events.kafka.ImportEventDeserializer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import tools.jackson.databind.json.JsonMapper;

/**
 * Keeps a table of all imports. Rows and offsets are committed together: a crash repeats nothing.
 */
public final class ImportsTable implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final KafkaConsumer<String, ImportEvent> consumer;
  private final Connection database;

  public ImportsTable(Map<String, Object> kafka, String topic, Connection database)
      throws SQLException {
    this.database = database;
    var settings = new HashMap<>(kafka);
    settings.put("isolation.level", "read_committed");
    settings.put("enable.auto.commit", false);
    consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new ImportEventDeserializer());
    List<TopicPartition> partitions =
        consumer.partitionsFor(topic).stream()
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    database.setAutoCommit(false);
    try (var statement = database.createStatement()) {
      // A deleted import keeps its row, without a state: its events are never taken for new ones.
      statement.execute(
          "create table if not exists imports_copy"
              + " (id uuid primary key, sequence bigint not null, state json)");
      statement.execute(
          "create table if not exists imports_copy_offset"
              + " (topic_partition int primary key, next_offset bigint not null)");
      try (ResultSet row = statement.executeQuery("select * from imports_copy_offset")) {
        while (row.next()) consumer.seek(new TopicPartition(topic, row.getInt(1)), row.getLong(2));
      }
    }
    database.commit();
  }

  /** Applies the events that have come and says how many they were. */
  public int applyNext(Duration wait) throws SQLException {
    var records = consumer.poll(wait);
    for (ConsumerRecord<String, ImportEvent> record : records) apply(record);
    for (TopicPartition partition : records.partitions()) {
      try (var save =
          database.prepareStatement(
              "insert into imports_copy_offset values (?, ?) on conflict (topic_partition) do"
                  + " update set next_offset = excluded.next_offset")) {
        save.setInt(1, partition.partition());
        save.setLong(2, consumer.position(partition));
        save.executeUpdate();
      }
    }
    database.commit();
    return records.count();
  }

  private void apply(ConsumerRecord<String, ImportEvent> record) throws SQLException {
    ImportEvent event = record.value();
    long sequence =
        Long.parseLong(new String(record.headers().lastHeader("ce_importsequence").value(), UTF_8));
    long expected = 0;
    ImportState state = ImportState.absent();
    try (var find =
        database.prepareStatement("select sequence, state from imports_copy where id = ?")) {
      find.setObject(1, event.importId());
      try (ResultSet row = find.executeQuery()) {
        if (row.next()) {
          expected = row.getLong(1) + 1;
          String known = row.getString(2);
          if (known != null) state = JSON.readValue(known, Active.class);
        }
      }
    }
    if (sequence < expected) return; // It is in the row already.
    if (sequence > expected) throw new IllegalStateException("Missed an event before " + event);
    // An event of a type that this version does not know fails here: better than a wrong row.
    save(event.importId(), sequence, state.after(event));
  }

  private void save(UUID id, long sequence, ImportState state) throws SQLException {
    try (var save =
        database.prepareStatement(
            "insert into imports_copy values (?, ?, ?::json) on conflict (id) do update set"
                + " sequence = excluded.sequence, state = excluded.state")) {
      save.setObject(1, id);
      save.setLong(2, sequence);
      save.setString(3, state instanceof Active active ? JSON.writeValueAsString(active) : null);
      save.executeUpdate();
    }
  }

  @Override
  public void close() {
    consumer.close();
  }
}
