package com.sdragent.imports.events.examples;

import com.sdragent.imports.events.ImportEvent;
import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.events.kafka.EventHeaders;
import com.sdragent.imports.events.kafka.ImportEventDeserializer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import tools.jackson.databind.json.JsonMapper;

/**
 * Keeps a table of all imports, together with as many others of its group as there are partitions.
 * Rows and offsets are committed together: a crash repeats nothing.
 */
public final class ImportsTable implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final KafkaConsumer<String, ImportEvent> consumer;
  private final Connection database;

  /**
   * @param kafka must name a {@code group.id}
   * @param database for this object alone
   */
  public ImportsTable(Map<String, Object> kafka, String topic, Connection database)
      throws SQLException {
    this.database = database;
    var settings = new HashMap<>(kafka);
    settings.put("isolation.level", "read_committed");
    settings.put("enable.auto.commit", false);
    // An offset that the topic does not have is an error: events were lost.
    settings.put("auto.offset.reset", "none");
    database.setAutoCommit(false);
    try (var statement = database.createStatement()) {
      // Those that start at the same time make the tables one after the other.
      statement.execute("select pg_advisory_xact_lock(7403)");
      // A deleted import keeps its row, without a state: its events are never taken for new ones.
      statement.execute(
          "create table if not exists imports_copy"
              + " (id uuid primary key, sequence bigint not null, state json)");
      statement.execute(
          "create table if not exists imports_copy_offset"
              + " (topic_partition int primary key, next_offset bigint not null)");
    }
    database.commit();
    consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new ImportEventDeserializer());
    consumer.subscribe(List.of(topic), new FromStoredOffsets());
  }

  /** Goes on where the rows are, whoever wrote them: the group's own offsets are not used. */
  private final class FromStoredOffsets implements ConsumerRebalanceListener {
    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      try {
        for (TopicPartition partition : partitions) {
          consumer.seek(partition, nextOffset(partition.partition()));
          database.commit();
        }
      } catch (SQLException e) {
        throw new IllegalStateException("Where to go on is not known", e);
      }
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      // Nothing is under way: rows and offsets were committed before the next poll.
    }
  }

  /** Applies the events that have come and says how many they were. */
  public int applyNext(Duration wait) throws SQLException {
    var records = consumer.poll(wait);
    int applied = 0;
    for (TopicPartition partition : records.partitions()) {
      // Locks the offset. Whoever was taken for dead and is not waits here for its successor,
      // then finds that its records are in the table already.
      long next = nextOffset(partition.partition());
      for (ConsumerRecord<String, ImportEvent> record : records.records(partition)) {
        if (record.offset() < next) continue;
        apply(record);
        applied++;
        next = record.offset() + 1;
      }
      saveOffset(partition.partition(), next);
      database.commit();
    }
    return applied;
  }

  private long nextOffset(int partition) throws SQLException {
    try (var insert =
            database.prepareStatement(
                "insert into imports_copy_offset values (?, 0) on conflict do nothing");
        var find =
            database.prepareStatement(
                "select next_offset from imports_copy_offset where topic_partition = ?"
                    + " for update")) {
      insert.setInt(1, partition);
      insert.executeUpdate();
      find.setInt(1, partition);
      try (ResultSet row = find.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }

  private void saveOffset(int partition, long next) throws SQLException {
    try (var save =
        database.prepareStatement(
            "update imports_copy_offset set next_offset = ? where topic_partition = ?")) {
      save.setLong(1, next);
      save.setInt(2, partition);
      save.executeUpdate();
    }
  }

  private void apply(ConsumerRecord<String, ImportEvent> record) throws SQLException {
    ImportEvent event = record.value();
    long sequence = EventHeaders.importSequence(record.headers());
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
    save(event.importId(), sequence, state.next(event));
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

  /** Takes the address of Kafka, the JDBC URL of a database and the name of the group. */
  public static void main(String[] args) throws SQLException {
    Map<String, Object> kafka = Map.of("bootstrap.servers", args[0], "group.id", args[2]);
    try (Connection database = DriverManager.getConnection(args[1]);
        var table = new ImportsTable(kafka, "imports.events", database)) {
      while (true) {
        System.out.println(table.applyNext(Duration.ofSeconds(5)) + " events applied");
      }
    }
  }
}
