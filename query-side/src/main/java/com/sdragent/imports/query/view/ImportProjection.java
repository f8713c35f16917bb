package com.sdragent.imports.query.view;

import com.sdragent.imports.events.ImportCreated;
import com.sdragent.imports.events.ImportEvent;
import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.events.ImportState.Deleted;
import com.sdragent.imports.eventstore.PostgresEventStorageEngine;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Applies the store's events to the read model, batch by batch. Rows and position are committed
 * together, so an event is applied once whatever crashes, and whoever comes next goes on from
 * there.
 */
final class ImportProjection {
  static final String NAME = "imports";

  private final JdbcTemplate jdbc;
  private final TransactionTemplate transaction;
  private final PostgresEventStorageEngine store;
  private final int batchSize;

  ImportProjection(
      JdbcTemplate jdbc,
      TransactionTemplate transaction,
      PostgresEventStorageEngine store,
      int batchSize) {
    this.jdbc = jdbc;
    this.transaction = transaction;
    this.store = store;
    this.batchSize = batchSize;
  }

  /**
   * What one turn did.
   *
   * @param position the position that the projection has reached
   * @param events how many events were applied
   * @param more whether more wait
   */
  record Turn(long position, int events, boolean more) {}

  /**
   * Applies the next batch, unless another node is just doing so.
   *
   * @throws ProjectionStoppedException when the next event cannot be applied
   */
  @Nullable Turn applyNext() {
    return transaction.execute(_ -> applyNextInTransaction());
  }

  private @Nullable Turn applyNextInTransaction() {
    // Without a flush to disk: rows and position are lost together, if at all, and made again. A
    // node
    // that freezes here is cut off, so that another can go on.
    jdbc.execute(
        "set local synchronous_commit = off; set local idle_in_transaction_session_timeout = '1s'");
    List<Position> turn =
        jdbc.query(
            "select position, event_id from projection where name = ? for update skip locked",
            (row, _) -> new Position(row.getLong(1), row.getObject(2, UUID.class)),
            NAME);
    if (turn.isEmpty()) return null;
    Position last = turn.getFirst();
    List<TrackedEventMessage<?>> messages = following(last);
    if (messages.isEmpty()) return new Turn(last.position(), 0, false);

    var events = new ArrayList<ImportEvent>(messages.size());
    for (TrackedEventMessage<?> message : messages) {
      if (!(message.getPayload() instanceof ImportEvent event)) break;
      events.add(event);
    }
    if (events.isEmpty()) {
      throw new ProjectionStoppedException(
          "The event at position "
              + (last.position() + 1)
              + " has a type or revision that this version does not know: upgrade this node");
    }
    write(fold(events));
    TrackedEventMessage<?> applied = messages.get(events.size() - 1);
    long position = applied.trackingToken().position().orElseThrow();
    jdbc.update(
        "update projection set position = ?, event_id = ? where name = ?",
        position,
        UUID.fromString(applied.getIdentifier()),
        NAME);
    jdbc.query("select pg_notify('import_view', ?)", row -> {}, Long.toString(position));
    return new Turn(position, events.size(), messages.size() == batchSize);
  }

  /** The events after this position, once the store has been seen to still hold the one at it. */
  private List<TrackedEventMessage<?>> following(Position last) {
    boolean check = last.eventId() != null;
    long after = check ? last.position() - 1 : last.position();
    List<TrackedEventMessage<?>> messages;
    try (var stream = store.readEvents(new GlobalSequenceTrackingToken(after), false)) {
      messages =
          stream
              .limit(check ? batchSize + 1L : batchSize)
              .<TrackedEventMessage<?>>map(message -> message)
              .toList();
    }
    if (!check) return messages;
    if (messages.isEmpty()
        || !messages.getFirst().getIdentifier().equals(String.valueOf(last.eventId()))) {
      throw new ProjectionStoppedException(
          "The event store does not hold the event "
              + last.eventId()
              + " at position "
              + last.position()
              + " that the read model was made from: it was restored to an earlier point. Restore a"
              + " later one, or empty import_view and set projection.position to 0");
    }
    return messages.subList(1, messages.size());
  }

  private Map<UUID, ImportState> fold(List<ImportEvent> events) {
    Map<UUID, ImportState> states = known(events);
    for (ImportEvent event : events) {
      ImportState before = states.getOrDefault(event.importId(), ImportState.absent());
      try {
        states.put(event.importId(), before.after(event));
      } catch (IllegalStateException e) {
        throw new ProjectionStoppedException(
            "The read model cannot follow the events: " + e.getMessage());
      }
    }
    return states;
  }

  /** The rows of the imports that these events change and do not create. */
  private Map<UUID, ImportState> known(List<ImportEvent> events) {
    Set<UUID> created = new HashSet<>();
    Set<UUID> changed = new HashSet<>();
    for (ImportEvent event : events) {
      if (event instanceof ImportCreated) {
        created.add(event.importId());
      } else if (!created.contains(event.importId())) {
        changed.add(event.importId());
      }
    }
    var states = new HashMap<UUID, ImportState>();
    if (changed.isEmpty()) return states;
    jdbc.query(
        "select " + ImportRows.COLUMNS + " from import_view where id = any (?)",
        statement ->
            statement.setArray(
                1, statement.getConnection().createArrayOf("uuid", changed.toArray())),
        row -> {
          Active state = ImportRows.read(row, 1);
          states.put(state.id(), state);
        });
    return states;
  }

  private void write(Map<UUID, ImportState> states) {
    var active = new ArrayList<Active>();
    var deleted = new ArrayList<UUID>();
    for (ImportState state : states.values()) {
      switch (state) {
        case Active row -> active.add(row);
        case Deleted gone -> deleted.add(gone.id());
        case ImportState.Absent _ -> {}
      }
    }
    jdbc.execute(
        (ConnectionCallback<@Nullable Void>)
            connection -> {
              if (!active.isEmpty()) ImportRows.upsert(connection, active);
              if (!deleted.isEmpty()) ImportRows.delete(connection, deleted);
              return null;
            });
  }

  private record Position(long position, @Nullable UUID eventId) {}
}
