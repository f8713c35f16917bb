package com.sdragent.imports.tool;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.sdragent.imports.events.ImportEvent;
import com.sdragent.imports.events.ImportEventType;
import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.events.ImportState.Deleted;
import com.sdragent.imports.events.ImportStatus;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What every import is by its events, and whether what was derived from them says the same. It
 * keeps the states of all imports in memory, some 500 bytes each.
 */
final class Fold {
  private static final JsonMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();
  private static final String SNAPSHOT_TYPE = "Import";
  private static final int SNAPSHOT_REVISION = 1;
  private static final int CHUNK = 10_000;
  private static final int MOST_FINDINGS = 100;

  /** An import so far. The state is null after an event that this version does not know. */
  private static final class Past {
    long position;
    long sequence = -1;
    @Nullable ImportState state = ImportState.absent();
    boolean compared;
  }

  /** A snapshot as the command side stores it: the aggregate, which is one state or the other. */
  private record Aggregate(
      @JsonProperty("active") @Nullable Active active,
      @JsonProperty("deleted") @Nullable Deleted deleted) {}

  /** The state is null when the payload has none. */
  private record Snapshot(long sequence, boolean known, @Nullable ImportState state) {}

  private final Map<UUID, Past> imports = new HashMap<>();
  private final Map<UUID, Snapshot> snapshots = new HashMap<>();
  private final List<Finding> findings = new ArrayList<>();
  private long position;
  private int snapshotsHeld;
  private long rowsHeld;
  private long notCompared;

  /** Where the fold has come to. */
  long position() {
    return position;
  }

  List<Finding> findings() {
    return findings;
  }

  int imports() {
    return imports.size();
  }

  int snapshotsHeld() {
    return snapshotsHeld;
  }

  long rowsHeld() {
    return rowsHeld;
  }

  /** Rows and snapshots that could not be compared: of types not known here, or not yet current. */
  long notCompared() {
    return notCompared;
  }

  /** Takes over the snapshots, to compare each when the fold passes it. */
  void expectSnapshots(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select aggregate_id, sequence_number, snapshot_type, revision, payload from"
                    + " snapshot")) {
      while (row.next()) {
        boolean known =
            SNAPSHOT_TYPE.equals(row.getString(3)) && row.getInt(4) == SNAPSHOT_REVISION;
        snapshots.put(
            row.getObject(1, UUID.class),
            new Snapshot(row.getLong(2), known, known ? snapshotState(row.getString(5)) : null));
      }
    }
  }

  private static @Nullable ImportState snapshotState(String payload) {
    try {
      Aggregate aggregate = JSON.readValue(payload, Aggregate.class);
      // JSON's null is read as no aggregate.
      if (aggregate == null) return null;
      return aggregate.active() != null ? aggregate.active() : aggregate.deleted();
    } catch (JacksonException e) {
      return null;
    }
  }

  void apply(StoredEvent event) {
    position = event.position();
    UUID id = event.importId();
    Past past = imports.computeIfAbsent(id, _ -> new Past());
    if (event.sequenceNumber() != past.sequence + 1) {
      found(
          new Finding(
              "history",
              event.position(),
              id,
              "sequence number %d follows %d".formatted(event.sequenceNumber(), past.sequence)));
    }
    past.sequence = event.sequenceNumber();
    past.position = event.position();
    past.state = after(past.state, id, event);
    Snapshot snapshot = snapshots.get(id);
    if (snapshot == null || snapshot.sequence() != past.sequence) return;
    snapshots.remove(id);
    if (past.state == null || !snapshot.known()) {
      notCompared++;
    } else if (past.state.equals(snapshot.state())) {
      snapshotsHeld++;
    } else {
      found(
          new Finding(
              "snapshot",
              event.position(),
              id,
              "the snapshot is not what the events say: remove it, it is made again"));
    }
  }

  private @Nullable ImportState after(@Nullable ImportState before, UUID id, StoredEvent stored) {
    String name = new String(stored.type(), StandardCharsets.UTF_8);
    ImportEventType type = ImportEventType.named(name, stored.revision()).orElse(null);
    if (type == null || before == null) return null;
    try {
      ImportEvent event = JSON.readValue(stored.payload(), type.eventClass());
      // JSON's null is read as no event, a field that is missing as null.
      if (event == null || !id.equals(event.importId())) {
        throw new IllegalStateException("its payload is not about this import");
      }
      return before.after(event);
    } catch (JacksonException | IllegalStateException e) {
      found(new Finding("history", stored.position(), id, String.valueOf(e.getMessage())));
      return null;
    }
  }

  /** Brings the fold to at least this position. */
  interface Advance {
    void to(long position) throws SQLException;
  }

  /** Holds the read model against the fold; rows that the projection has not reached are left. */
  void compareReadModel(Connection connection, Advance advance) throws SQLException {
    leaveParkedOut(connection);
    UUID last = new UUID(0, 0);
    int rows;
    do {
      rows = 0;
      try (PreparedStatement select =
          connection.prepareStatement(
              rows(connection)
                  + " where v.id > ? or (v.id = ? and ?) order by v.id limit "
                  + CHUNK)) {
        select.setObject(1, last);
        select.setObject(2, last);
        select.setBoolean(3, last.equals(new UUID(0, 0)));
        try (ResultSet row = select.executeQuery()) {
          while (row.next()) {
            if (rows++ == 0) advance.to(row.getLong(1));
            last = row.getObject(2, UUID.class);
            compare(last, row(row), row.getLong(1));
          }
        }
      }
    } while (rows == CHUNK);
    compareMissing(connection, advance);
    for (var left : snapshots.entrySet()) {
      found(
          new Finding(
              "snapshot",
              null,
              left.getKey(),
              "the snapshot is of sequence number %d, which no event has"
                  .formatted(left.getValue().sequence())));
    }
  }

  /**
   * The rows of the generation that is served, from its table: the view over both generations would
   * be sorted anew for each chunk.
   */
  private static String rows(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select generation % 2 from projection where name = 'imports'")) {
      row.next();
      return """
      select p.position, v.id, v.org_id, v.campaign_id, v.source, v.file_name, v.status,
             v.total_rows, v.created_at, v.updated_at
      from import_row_%d v
      cross join (select position from projection_position where name = 'imports'
                  order by batch desc limit 1) p
      """
          .formatted(row.getLong(1));
    }
  }

  /** Imports whose events the projection has set aside: their rows are known to be behind. */
  private void leaveParkedOut(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select distinct import_id from parked_event")) {
      while (row.next()) {
        Past past = imports.get(row.getObject(1, UUID.class));
        if (past != null) past.state = null;
      }
    }
  }

  /** A row that holds no import is wrong, whatever the events say. */
  private void compare(UUID id, Optional<Active> row, long projected) {
    Past past = imports.get(id);
    if (past == null) {
      found(new Finding("read-model", null, id, "the row is of an import without events"));
      return;
    }
    past.compared = true;
    if (row.isEmpty()) {
      found(new Finding("read-model", null, id, "the row has a status that there is not"));
    } else if (past.state == null || past.position > projected) {
      notCompared++;
    } else if (row.get().equals(past.state)) {
      rowsHeld++;
    } else {
      found(new Finding("read-model", past.position, id, "the row is not what its events say"));
    }
  }

  /** Imports that had no row when their turn came: they may have been created meanwhile. */
  private void compareMissing(Connection connection, Advance advance) throws SQLException {
    var missing = new ArrayList<UUID>();
    imports.forEach(
        (id, past) -> {
          if (!past.compared && past.state instanceof Active) missing.add(id);
        });
    for (int from = 0; from < missing.size(); from += CHUNK) {
      List<UUID> ids = missing.subList(from, Math.min(missing.size(), from + CHUNK));
      long projected = projected(connection);
      advance.to(projected);
      try (PreparedStatement select =
          connection.prepareStatement(rows(connection) + " where v.id = any (?)")) {
        select.setArray(1, connection.createArrayOf("uuid", ids.toArray()));
        try (ResultSet row = select.executeQuery()) {
          while (row.next()) {
            advance.to(row.getLong(1));
            compare(row.getObject(2, UUID.class), row(row), row.getLong(1));
          }
        }
      }
      for (UUID id : ids) {
        Past past = imports.get(id);
        if (past == null || past.compared || !(past.state instanceof Active)) continue;
        if (past.position <= projected) {
          found(new Finding("read-model", past.position, id, "the row is missing"));
        } else {
          notCompared++;
        }
      }
    }
  }

  private static long projected(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select position from projection_position where name = 'imports'"
                    + " order by batch desc limit 1")) {
      return row.next() ? row.getLong(1) : 0;
    }
  }

  /** The import of a row; none when its status is not one that there is. */
  private static Optional<Active> row(ResultSet row) throws SQLException {
    Optional<ImportStatus> status = ImportStatus.labelled(row.getString(7));
    if (status.isEmpty()) return Optional.empty();
    return Optional.of(
        new Active(
            row.getObject(2, UUID.class),
            row.getObject(3, UUID.class),
            row.getObject(4, UUID.class),
            row.getString(5),
            row.getString(6),
            status.get(),
            row.getLong(8),
            row.getObject(9, OffsetDateTime.class).toInstant(),
            row.getObject(10, OffsetDateTime.class).toInstant()));
  }

  private void found(Finding finding) {
    if (findings.size() < MOST_FINDINGS) findings.add(finding);
  }
}
