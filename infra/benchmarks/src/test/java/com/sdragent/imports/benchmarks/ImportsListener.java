package com.sdragent.imports.benchmarks;

import com.sdragent.imports.events.ImportEvent;
import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.events.kafka.EventHeaders;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.kafka.annotation.KafkaListener;
import tools.jackson.databind.json.JsonMapper;

/**
 * Keeps the same table with Spring Kafka. The group's offsets are committed after the row, so a
 * crash repeats events; the row's sequence number leaves out what it has.
 */
public class ImportsListener {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final JdbcTemplate database;

  ImportsListener(JdbcTemplate database) {
    this.database = database;
  }

  @KafkaListener(
      topics = "${imports.topic:imports.events}",
      groupId = "${imports.group}",
      concurrency = "2",
      properties = {
        "isolation.level=read_committed",
        "auto.offset.reset=earliest",
        "key.deserializer=org.apache.kafka.common.serialization.StringDeserializer",
        "value.deserializer=com.sdragent.imports.events.kafka.ImportEventDeserializer"
      })
  void apply(ConsumerRecord<String, ImportEvent> record) {
    ImportEvent event = record.value();
    long sequence = EventHeaders.importSequence(record.headers());
    List<Row> rows =
        database.query(
            "select sequence, state from imports_copy where id = ?",
            (row, number) -> new Row(row.getLong(1), state(row.getString(2))),
            event.importId());
    Row before = rows.isEmpty() ? new Row(-1, ImportState.absent()) : rows.get(0);
    if (sequence <= before.sequence()) return; // It is in the row already.
    if (sequence > before.sequence() + 1) throw new IllegalStateException("Missed an event");
    ImportState after = before.state().next(event);
    // Whoever was taken for dead and is not changes nothing: the row has gone on.
    database.update(
        "insert into imports_copy values (?, ?, ?::json) on conflict (id) do update set"
            + " sequence = excluded.sequence, state = excluded.state"
            + " where imports_copy.sequence = excluded.sequence - 1",
        event.importId(),
        sequence,
        after instanceof Active ? JSON.writeValueAsString(after) : null);
  }

  private record Row(long sequence, ImportState state) {}

  /** A deleted import has none; nothing follows, so what it was does not matter. */
  private static ImportState state(@Nullable String json) {
    return json == null ? ImportState.absent() : JSON.readValue(json, Active.class);
  }
}
