package com.sdragent.imports.query.view;

import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.events.ImportStatus;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/** Rows of import_view by JDBC, where a set is written or a hot row is read. */
final class ImportRows {
  static final String COLUMNS =
      "id, org_id, campaign_id, source, file_name, status, total_rows, created_at, updated_at";

  private static final String UPSERT =
      """
      (id, org_id, campaign_id, source, file_name, status, total_rows,
                                    created_at, updated_at)
      select * from unnest(?::uuid[], ?::uuid[], ?::uuid[], ?::text[], ?::text[], ?::text[],
                           ?::bigint[], ?::timestamptz[], ?::timestamptz[])
      on conflict (id) do update
        set campaign_id = excluded.campaign_id, source = excluded.source,
            file_name = excluded.file_name, status = excluded.status,
            total_rows = excluded.total_rows, updated_at = excluded.updated_at
      """;

  private static final int COPY_AT_ONCE = 1 << 16;

  private ImportRows() {}

  /** The import whose columns begin here. */
  static Active read(ResultSet row, int first) throws SQLException {
    return new Active(
        row.getObject(first, UUID.class),
        row.getObject(first + 1, UUID.class),
        row.getObject(first + 2, UUID.class),
        row.getString(first + 3),
        row.getString(first + 4),
        ImportStatus.labelled(row.getString(first + 5)).orElseThrow(),
        row.getLong(first + 6),
        instant(row, first + 7),
        instant(row, first + 8));
  }

  static void upsert(Connection connection, long generation, List<Active> rows)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "insert into " + ImportTable.name(generation) + " as v " + UPSERT)) {
      set(statement, 1, "uuid", rows, Active::id);
      set(statement, 2, "uuid", rows, Active::orgId);
      set(statement, 3, "uuid", rows, Active::campaignId);
      set(statement, 4, "text", rows, Active::source);
      set(statement, 5, "text", rows, Active::fileName);
      set(statement, 6, "text", rows, row -> row.status().label());
      set(statement, 7, "bigint", rows, Active::totalRows);
      set(statement, 8, "timestamptz", rows, row -> row.createdAt().toString());
      set(statement, 9, "timestamptz", rows, row -> row.updatedAt().toString());
      statement.executeUpdate();
    }
  }

  /** By the binary form of COPY, as PostgreSQL's documentation of the statement describes it. */
  static void copy(Connection connection, long generation, List<Active> rows) throws SQLException {
    CopyIn copy =
        connection
            .unwrap(PGConnection.class)
            .getCopyAPI()
            .copyIn(
                "copy "
                    + ImportTable.name(generation)
                    + " ("
                    + COLUMNS
                    + ") from stdin (format binary)");
    try {
      var tuples = new CopyTuples();
      for (Active row : rows) {
        tuples.begin(9);
        tuples.add(row.id());
        tuples.add(row.orgId());
        tuples.add(row.campaignId());
        tuples.add(row.source());
        tuples.add(row.fileName());
        tuples.add(row.status().label());
        tuples.add(row.totalRows());
        tuples.add(row.createdAt());
        tuples.add(row.updatedAt());
        if (tuples.size() >= COPY_AT_ONCE) tuples.send(copy);
      }
      tuples.end();
      tuples.send(copy);
      copy.endCopy();
    } finally {
      if (copy.isActive()) copy.cancelCopy();
    }
  }

  static void delete(Connection connection, long generation, List<UUID> ids) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "delete from " + ImportTable.name(generation) + " where id = any (?)")) {
      statement.setArray(1, connection.createArrayOf("uuid", ids.toArray()));
      statement.executeUpdate();
    }
  }

  private static void set(
      PreparedStatement statement,
      int index,
      String type,
      List<Active> rows,
      Function<Active, ? extends @Nullable Object> column)
      throws SQLException {
    Object[] values = rows.stream().map(column).toArray();
    statement.setArray(index, statement.getConnection().createArrayOf(type, values));
  }

  private static Instant instant(ResultSet row, int column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }
}
