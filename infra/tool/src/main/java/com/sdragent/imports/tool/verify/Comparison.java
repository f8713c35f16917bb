package com.sdragent.imports.tool.verify;

import com.sdragent.imports.events.EventRevisions;
import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.tool.verify.ImportPast.Event;
import com.sdragent.imports.tool.verify.ImportPast.Snapshot;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Compares snapshots and the read model with the events. It goes through the imports in the order
 * of their ids, a range at a time, and reads everything of a range in one transaction, so that the
 * service's work meanwhile cannot come between. Its memory does not grow with the store.
 */
final class Comparison {
  /** The most events, rows and snapshots in a range of more than one import. */
  static final int RANGE = 10_000;

  private static final int MOST_FINDINGS = 100;
  private static final JsonMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private final Connection connection;
  private final EventRevisions revisions;
  private final int range;
  private final LongConsumer progress;
  private final List<Finding> findings = new ArrayList<>();
  private long events;
  private long lastPosition;
  private long imports;
  private long snapshotsHeld;
  private long rowsHeld;
  private long notCompared;

  /**
   * A comparison yet to be made.
   *
   * @param revisions how the payloads are read
   * @param range how many events make a range of imports
   * @param progress is told how many events were read
   */
  Comparison(Connection connection, EventRevisions revisions, int range, LongConsumer progress) {
    this.connection = connection;
    this.revisions = revisions;
    this.range = range;
    this.progress = progress;
  }

  List<Finding> findings() {
    return findings;
  }

  /** The last position of everything that was read. */
  long lastPosition() {
    return lastPosition;
  }

  long imports() {
    return imports;
  }

  long snapshotsHeld() {
    return snapshotsHeld;
  }

  long rowsHeld() {
    return rowsHeld;
  }

  /** Rows and snapshots whose events are not known here, and imports that are parked. */
  long notCompared() {
    return notCompared;
  }

  /** Compares everything. */
  void run() throws SQLException {
    // This is not in the transactions, because the first read of each fixes what it sees.
    boolean hasReadModel = hasReadModel();
    holdKeys("snapshot", "snapshot", "aggregate_id");
    if (hasReadModel) {
      holdKeys("read-model", "import_row_0", "id");
      holdKeys("read-model", "import_row_1", "id");
      if (count("projection where name = 'imports'") != 1) {
        found("read-model", null, null, "the table projection has not one row of the read model");
        hasReadModel = false;
      }
    }
    connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    String after = "true";
    while (true) {
      UUID last = inOneTransaction(after, hasReadModel);
      progress.accept(events);
      if (last == null) return;
      after = "%s > '" + last + "'";
    }
  }

  /** What has no id is in no range. */
  private void holdKeys(String kind, String table, String id) throws SQLException {
    long without = count(table + " where " + id + " is null");
    if (without > 0) found(kind, null, null, table + " has " + without + " rows without an id");
  }

  private long count(String of) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select count(*) from public." + of)) {
      row.next();
      return row.getLong(1);
    }
  }

  private @Nullable UUID inOneTransaction(String after, boolean hasReadModel) throws SQLException {
    connection.setAutoCommit(false);
    try {
      return compareRange(after, hasReadModel);
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }

  /** Compares a range, and returns its last import, or null when that was the last of all. */
  private @Nullable UUID compareRange(String after, boolean hasReadModel) throws SQLException {
    ReadModel readModel = hasReadModel ? readModel() : null;
    UUID last = lastOf(after, readModel);
    String of = last == null ? after : after + " and %1$s <= '" + last + "'";
    var comparing = new Range(readModel, of);
    ChainReader.copy(
        connection,
        "select "
            + Event.COLUMNS
            + " from public.domain_event where "
            + of.formatted("aggregate_id")
            + " order by aggregate_id, sequence_number",
        row -> comparing.take(Event.read(row)));
    comparing.finish();
    return last;
  }

  /**
   * The read model as of this transaction.
   *
   * @param table of the generation that is served; the view over both would be sorted for each
   *     range
   * @param position up to which events are applied to it
   */
  private record ReadModel(String table, long position) {}

  /**
   * Whether there is a read model: a database that no query node was ever started on has none of
   * its tables.
   */
  private boolean hasReadModel() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("select to_regclass('public.import_row_0') is not null")) {
      row.next();
      return row.getBoolean(1);
    }
  }

  private ReadModel readModel() throws SQLException {
    // The lock comes before any read, because a rebuild empties its old table for all transactions.
    execute("lock table public.import_row_0, public.import_row_1 in access share mode");
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select 'public.import_row_' || generation % 2, (select position from"
                    + " public.projection_position where name = 'imports' order by batch desc limit"
                    + " 1) from public.projection where name = 'imports'")) {
      row.next();
      return new ReadModel(row.getString(1), row.getLong(2));
    }
  }

  private @Nullable UUID lastOf(String after, @Nullable ReadModel readModel) throws SQLException {
    String next = "(select %s from %s where %s order by %s offset " + range + " limit 1)";
    String imports = after.formatted("aggregate_id");
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select least("
                    + next.formatted(
                        "aggregate_id",
                        "public.domain_event",
                        imports,
                        "aggregate_id, sequence_number")
                    + ", "
                    + next.formatted("aggregate_id", "public.snapshot", imports, "aggregate_id")
                    + (readModel == null
                        ? ""
                        : ", "
                            + next.formatted("id", readModel.table(), after.formatted("id"), "id"))
                    + ")")) {
      row.next();
      return row.getObject(1, UUID.class);
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private void found(String kind, @Nullable Long position, @Nullable UUID importId, String text) {
    if (findings.size() < MOST_FINDINGS) findings.add(new Finding(kind, position, importId, text));
  }

  /** The rows and snapshots of a range of imports, until they are compared. */
  private final class Range {
    private final long projected;
    private final Map<UUID, Optional<Row>> rows = new HashMap<>();
    private final Map<UUID, Snapshot> snapshots = new HashMap<>();
    private final Set<UUID> parked = new HashSet<>();
    private @Nullable ImportPast past;
    private @Nullable ImportState projectedState;
    private long projectedPosition;
    private long projectedSequence;

    Range(@Nullable ReadModel readModel, String of) throws SQLException {
      projected = readModel == null ? 0 : readModel.position();
      try (Statement statement = connection.createStatement()) {
        if (readModel != null) read(readModel, of, statement);
        try (ResultSet row =
            statement.executeQuery(
                "select aggregate_id, sequence_number, snapshot_type, revision, payload"
                    + " from public.snapshot where "
                    + of.formatted("aggregate_id"))) {
          while (row.next()) {
            UUID id = row.getObject(1, UUID.class);
            Snapshot before =
                snapshots.put(
                    id,
                    Snapshot.of(row.getLong(2), row.getString(3), row.getInt(4), row.getString(5)));
            if (before != null) found("snapshot", null, id, "there are several snapshots of it");
          }
        }
      }
    }

    private void read(ReadModel readModel, String of, Statement statement) throws SQLException {
      try (ResultSet row =
          statement.executeQuery(
              "select id, to_json(r) from "
                  + readModel.table()
                  + " r where "
                  + of.formatted("id"))) {
        while (row.next()) {
          UUID id = row.getObject(1, UUID.class);
          if (rows.put(id, row(row.getString(2))) != null) {
            found("read-model", null, id, "there are several rows of it");
          }
        }
      }
      // Discarded events are not in the import's rows either.
      try (ResultSet row =
          statement.executeQuery(
              "select distinct import_id from public.parked_event where projection = 'imports' and "
                  + of.formatted("import_id"))) {
        while (row.next()) parked.add(row.getObject(1, UUID.class));
      }
    }

    boolean take(Event event) {
      ImportPast current = past;
      if (current == null || !current.id().equals(event.importId())) {
        finishImport();
        current = new ImportPast(event.importId(), revisions, Comparison.this::found);
        past = current;
        projectedState = current.state();
        projectedPosition = 0;
        projectedSequence = -1;
      }
      current.apply(event);
      events++;
      lastPosition = Math.max(lastPosition, event.position());
      if (event.position() <= projected) {
        projectedState = current.state();
        projectedPosition = event.position();
        projectedSequence = event.sequence();
      }
      Snapshot snapshot = snapshots.get(event.importId());
      if (snapshot != null && snapshot.sequence() == event.sequence()) {
        snapshots.remove(event.importId());
        compare(snapshot, current);
      }
      return true;
    }

    private void compare(Snapshot snapshot, ImportPast current) {
      if (current.state() == null || !snapshot.known()) {
        notCompared++;
      } else if (current.state().equals(snapshot.state())) {
        snapshotsHeld++;
      } else {
        found(
            "snapshot",
            current.position(),
            current.id(),
            "the snapshot is not what the events say: remove it, it is made again");
      }
    }

    private void finishImport() {
      ImportPast current = past;
      if (current == null) return;
      imports++;
      Optional<Row> row = rows.remove(current.id());
      if (row != null && row.isEmpty()) {
        noImport(current.id());
      } else if (projectedState == null || parked.contains(current.id())) {
        notCompared++;
      } else if (row == null) {
        if (projectedState instanceof Active) {
          found("read-model", projectedPosition, current.id(), "the row is missing");
        }
      } else if (row.get().state().equals(projectedState)
          && row.get().sequence() == projectedSequence) {
        rowsHeld++;
      } else {
        // There is no position when the projection has reached none of the import's events.
        Long at = projectedPosition == 0 ? null : projectedPosition;
        found("read-model", at, current.id(), "the row is not what its events say");
      }
    }

    private void noImport(UUID id) {
      found(
          "read-model",
          null,
          id,
          "the row makes no import: its status or a time is none that there can be");
    }

    /** Reports the rest, which belongs to no event. */
    void finish() {
      finishImport();
      rows.forEach(
          (id, row) -> {
            if (row.isEmpty()) noImport(id);
            else found("read-model", null, id, "the row is of an import without events");
          });
      snapshots.forEach(
          (id, snapshot) ->
              found(
                  "snapshot",
                  null,
                  id,
                  "the snapshot is of sequence number "
                      + snapshot.sequence()
                      + ", which no event has"));
    }
  }

  /** The import of a row, and the sequence number of the event that it is after. */
  private record Row(Active state, long sequence) {}

  /** The import of a row, whose columns are the fields; none when they make no import. */
  private static Optional<Row> row(String columns) {
    try {
      JsonNode row = JSON.readTree(columns);
      return Optional.of(
          new Row(JSON.treeToValue(row, Active.class), row.path("sequence").asLong(-1)));
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }
}
