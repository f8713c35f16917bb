package com.sdragent.imports.query.history;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.eventstore.RecordedEvent;
import com.sdragent.imports.query.imports.ImportRow;
import com.sdragent.imports.query.imports.ImportRow.Column;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * An event as the history and the feed show it.
 *
 * @param position its place among all events of the service, from 1
 * @param sequence its place among those of its import, from 0
 * @param type its logical name
 * @param actor the name of the API key or the subject of the token that caused it
 * @param actorKind which of the two it is: key or token
 * @param changes what it changed, by the API's field names
 */
@JsonPropertyOrder({
  "position",
  "import_id",
  "sequence",
  "type",
  "time",
  "actor",
  "actor_kind",
  "request_id",
  "changes"
})
record HistoryEntry(
    @JsonProperty("position") long position,
    @JsonProperty("import_id") UUID importId,
    @JsonProperty("sequence") long sequence,
    @JsonProperty("type") String type,
    @JsonProperty("time") Instant time,
    @JsonProperty("actor") @Nullable String actor,
    @JsonProperty("actor_kind") @Nullable String actorKind,
    @JsonProperty("request_id") @Nullable String requestId,
    @JsonProperty("changes") Map<String, FromTo> changes) {

  /** A field before and after; null where it was empty or the import did not exist. */
  record FromTo(
      @JsonProperty("from") @Nullable Object from, @JsonProperty("to") @Nullable Object to) {}

  static HistoryEntry of(RecordedEvent event, ImportState before, ImportState after) {
    return new HistoryEntry(
        event.position(),
        event.importId(),
        event.sequence(),
        event.type(),
        event.occurredAt(),
        event.actor(),
        event.actorKind(),
        event.requestId(),
        // The time of the update is the event's own.
        changes(before, after, column -> !column.name().equals("updated_at")));
  }

  /** What of these columns is another afterwards. */
  static Map<String, FromTo> changes(
      ImportState before, ImportState after, Predicate<Column> wanted) {
    var changes = new LinkedHashMap<String, FromTo>();
    for (Column column : ImportRow.COLUMNS) {
      if (column.isFixed() || !wanted.test(column)) continue;
      Object from = before instanceof Active active ? column.value().apply(active) : null;
      Object to = after instanceof Active active ? column.value().apply(active) : null;
      if (!Objects.equals(from, to)) changes.put(column.name(), new FromTo(from, to));
    }
    return changes;
  }
}
