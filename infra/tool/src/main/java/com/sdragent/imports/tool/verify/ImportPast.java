package com.sdragent.imports.tool.verify;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.sdragent.imports.events.EventRevisions;
import com.sdragent.imports.events.ImportEvent;
import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.events.ImportState.Deleted;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The state of one import by its events, which come in the order of their sequence numbers. */
final class ImportPast {
  private static final JsonMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();
  private static final String SNAPSHOT_TYPE = "Import";

  /**
   * An event of an import.
   *
   * @param type its logical name
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Event(
      UUID importId, long sequence, long position, String type, int revision, byte[] payload) {

    /** The columns in the order in which {@link #read} takes them. */
    static final String COLUMNS =
        "aggregate_id, sequence_number, position, event_type, revision, payload";

    /** The columns of one row of a binary COPY. */
    static Event read(ByteBuffer row) {
      return new Event(
          ChainedEvent.uuid(ChainedEvent.bytes(row)),
          ChainedEvent.number(row),
          ChainedEvent.number(row),
          new String(ChainedEvent.bytes(row), StandardCharsets.UTF_8),
          (int) ChainedEvent.number(row),
          ChainedEvent.bytes(row));
    }
  }

  /**
   * A snapshot as the command side stores it.
   *
   * @param known whether this version knows its type
   * @param state null when the payload has none
   */
  record Snapshot(long sequence, boolean known, @Nullable ImportState state) {
    static Snapshot of(long sequence, String type, int revision, String payload) {
      boolean known = SNAPSHOT_TYPE.equals(type) && revision == ImportState.REVISION;
      return new Snapshot(sequence, known, known ? stateIn(payload) : null);
    }

    private static @Nullable ImportState stateIn(String payload) {
      try {
        Aggregate aggregate = JSON.readValue(payload, Aggregate.class);
        // JSON's null is read as no aggregate.
        if (aggregate == null) return null;
        return aggregate.active() != null ? aggregate.active() : aggregate.deleted();
      } catch (JacksonException e) {
        return null;
      }
    }
  }

  /** The payload of a snapshot: the aggregate, in one state or the other. */
  private record Aggregate(
      @JsonProperty("active") @Nullable Active active,
      @JsonProperty("deleted") @Nullable Deleted deleted) {}

  /** Takes the errors in the events. */
  interface Findings {
    void found(String kind, @Nullable Long position, @Nullable UUID importId, String text);
  }

  private final UUID id;
  private final EventRevisions revisions;
  private final Findings findings;
  private long sequence = -1;
  private long position;
  private @Nullable ImportState state = ImportState.absent();

  ImportPast(UUID id, EventRevisions revisions, Findings findings) {
    this.id = id;
    this.revisions = revisions;
    this.findings = findings;
  }

  UUID id() {
    return id;
  }

  long sequence() {
    return sequence;
  }

  /** The position of the import's last event so far; 0 before the first. */
  long position() {
    return position;
  }

  /**
   * The import's state so far; null after an event that this version does not know or cannot apply.
   */
  @Nullable ImportState state() {
    return state;
  }

  void apply(Event event) {
    if (event.sequence() != sequence + 1) {
      findings.found(
          "history",
          event.position(),
          id,
          "sequence number " + event.sequence() + " follows " + sequence);
    } else if (event.position() < position) {
      findings.found(
          "history", event.position(), id, "it follows the event at position " + position);
    }
    sequence = event.sequence();
    position = event.position();
    state = next(state, event);
  }

  private @Nullable ImportState next(@Nullable ImportState before, Event stored) {
    if (before == null) return null;
    try {
      ImportEvent event =
          revisions.read(stored.type(), stored.revision(), stored.payload()).orElse(null);
      if (event == null) return null;
      // A field that is missing is read as null.
      if (!id.equals(event.importId())) {
        throw new IllegalStateException("its payload is not about this import");
      }
      return before.next(event);
    } catch (IllegalArgumentException | IllegalStateException e) {
      findings.found("history", stored.position(), id, String.valueOf(e.getMessage()));
      return null;
    }
  }
}
