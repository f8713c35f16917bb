package com.sdragent.imports.query.imports;

import static java.util.stream.Collectors.joining;

import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.events.ImportStatus;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An import as it is now, as a row of the read model. All code that names its columns is here: they
 * are listed, read singly and written as a set by it.
 */
public final class ImportRow {
  /** The columns in the order of the API's fields, whose names they have. */
  public static final List<Column> COLUMNS =
      List.of(
          new Column("id", Type.UUID, true, Active::id),
          new Column("org_id", Type.UUID, true, Active::orgId),
          new Column("campaign_id", Type.UUID, false, Active::campaignId),
          new Column("source", Type.TEXT, false, Active::source),
          new Column("file_name", Type.TEXT, false, Active::fileName),
          new Column("status", Type.TEXT, false, row -> row.status().label()),
          new Column("total_rows", Type.BIGINT, false, Active::totalRows),
          new Column("created_at", Type.TIMESTAMPTZ, true, Active::createdAt),
          new Column("updated_at", Type.TIMESTAMPTZ, false, Active::updatedAt));

  /** The column behind these that no field of the API has: the number of the row's last event. */
  static final String SEQUENCE = "sequence";

  private ImportRow() {}

  /** The import whose {@link #COLUMNS} begin here. */
  static Active read(ResultSet row, int first) throws SQLException {
    int at = first;
    return new Active(
        row.getObject(at++, UUID.class),
        row.getObject(at++, UUID.class),
        row.getObject(at++, UUID.class),
        row.getString(at++),
        row.getString(at++),
        ImportStatus.labelled(row.getString(at++)).orElseThrow(),
        row.getLong(at++),
        row.getObject(at++, OffsetDateTime.class).toInstant(),
        row.getObject(at, OffsetDateTime.class).toInstant());
  }

  /** The import whose {@link #COLUMNS} and {@link #SEQUENCE} begin here. */
  static VersionedImport readVersioned(ResultSet row, int first) throws SQLException {
    return new VersionedImport(read(row, first), row.getLong(first + COLUMNS.size()));
  }

  /** How many characters the texts of an import have, which make some larger than others. */
  public static int textLength(Active row) {
    return row.source().length() + (row.fileName() == null ? 0 : row.fileName().length());
  }

  /** The {@link #COLUMNS}, in SQL. */
  static String columns(String prefix) {
    return COLUMNS.stream().map(column -> prefix + column.name()).collect(joining(", "));
  }

  /** The database's name of a type. */
  public enum Type {
    UUID,
    TEXT,
    BIGINT,
    TIMESTAMPTZ
  }

  /**
   * A column.
   *
   * @param isFixed whether the value stays as it was when the import was created
   * @param value the column's value: a UUID, a text, a whole number or a time
   */
  public record Column(
      String name,
      Type type,
      boolean isFixed,
      Function<Active, ? extends @Nullable Object> value) {}
}
