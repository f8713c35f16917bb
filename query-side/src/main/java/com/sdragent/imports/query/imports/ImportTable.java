package com.sdragent.imports.query.imports;

import static java.util.stream.Collectors.joining;

import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.query.imports.ImportRow.Column;
import com.sdragent.imports.query.projection.CopyTuples;
import com.sdragent.imports.query.projection.Projection.Compared;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;

/** The table of a generation of the read model, as it is used to apply events. */
final class ImportTable {
  private static final String COLUMNS = ImportRow.columns("");
  private static final String STORED = COLUMNS + ", " + ImportRow.SEQUENCE;

  private static final String UPSERT =
      "("
          + STORED
          + ") select * from unnest("
          + each(column -> "?::" + type(column) + "[]", ImportRow.COLUMNS.stream())
          + ", ?::bigint[]) on conflict (id) do update set "
          + each(
              column -> column.name() + " = excluded." + column.name(),
              ImportRow.COLUMNS.stream().filter(column -> !column.isFixed()))
          + ", sequence = excluded.sequence";

  private static final List<Function<VersionedImport, @Nullable Object>> VALUES = values();

  private final JdbcTemplate jdbc;

  /** Makes a table that is used within the caller's transaction. */
  ImportTable(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /** The name of a generation's table. */
  static String name(long generation) {
    return "import_row_" + generation % 2;
  }

  /** The name under which requests read a generation's table. */
  static String visible(long generation) {
    return "visible_import_" + generation % 2;
  }

  /** The known states of these imports; those without a row are missing. */
  Map<UUID, ImportState> states(long generation, Collection<UUID> ids) {
    var states = new HashMap<UUID, ImportState>();
    jdbc.query(
        "select " + COLUMNS + " from " + name(generation) + " where id = any (?)",
        statement ->
            statement.setArray(1, statement.getConnection().createArrayOf("uuid", ids.toArray())),
        row -> {
          Active state = ImportRow.read(row, 1);
          states.put(state.id(), state);
        });
    return states;
  }

  /** Adds rows to a table that has none of these imports, as fast as PostgreSQL takes them. */
  void copy(long generation, List<VersionedImport> rows) {
    jdbc.execute(
        (ConnectionCallback<@Nullable Void>)
            connection -> {
              CopyTuples.copy(connection, name(generation) + " (" + STORED + ")", VALUES, rows);
              return null;
            });
  }

  /** Adds these rows or replaces the existing ones, and deletes others. */
  void write(long generation, List<VersionedImport> rows, List<UUID> deleted) {
    if (!rows.isEmpty()) {
      jdbc.update(
          "insert into " + name(generation) + " " + UPSERT, statement -> set(statement, rows));
    }
    if (!deleted.isEmpty()) {
      jdbc.update(
          "delete from " + name(generation) + " where id = any (?)",
          (Object) deleted.toArray(UUID[]::new));
    }
  }

  private static void set(PreparedStatement statement, List<VersionedImport> rows)
      throws SQLException {
    int index = 0;
    for (Column column : ImportRow.COLUMNS) {
      Object[] values = new Object[rows.size()];
      for (int i = 0; i < values.length; i++) {
        Object value = column.value().apply(rows.get(i).state());
        values[i] = value instanceof Instant time ? time.toString() : value;
      }
      statement.setArray(++index, statement.getConnection().createArrayOf(type(column), values));
    }
    Object[] sequences = rows.stream().map(VersionedImport::sequence).toArray();
    statement.setArray(++index, statement.getConnection().createArrayOf("bigint", sequences));
  }

  /**
   * Compares rows with those of the generation before.
   *
   * @param first the first id that counts, or null
   * @param rows how many rows of the later generation count
   */
  Compared compare(long generation, @Nullable UUID first, int rows) {
    String rebuilt = name(generation);
    String live = name(generation - 1);
    UUID from = first == null ? new UUID(0, 0) : first;
    UUID to =
        jdbc
            .queryForList(
                "select id from " + rebuilt + " where id >= ? order by id offset ? limit 1",
                UUID.class,
                from,
                rows)
            .stream()
            .findFirst()
            .orElse(null);
    String range = to == null ? " where id >= ?" : " where id >= ? and id < ?";
    Object[] bounds =
        to == null
            ? new Object[] {from, from, Compared.EXAMPLES}
            : new Object[] {from, to, from, to, Compared.EXAMPLES};
    String differences =
        "with different as (select coalesce(l.id, r.id) as id, "
            + json("l")
            + " as live, "
            + json("r")
            + " as rebuilt from (select * from "
            + live
            + range
            + ") l full join (select * from "
            + rebuilt
            + range
            + ") r on r.id = l.id where l is distinct from r) select count(*), coalesce((select"
            + " json_agg(d) from (select * from different order by id limit ?) d), '[]')::text from"
            + " different";
    return jdbc.query(
            differences,
            (row, _) ->
                new Compared(to == null ? null : to.toString(), row.getLong(1), row.getString(2)),
            bounds)
        .getFirst();
  }

  /**
   * A row as the API shows it, and its sequence number: PostgreSQL's own JSON has times in the
   * session's zone.
   */
  private static String json(String row) {
    return "case when "
        + row
        + ".id is not null then json_build_object("
        + each(
            column -> "'" + column.name() + "', " + json(row, column), ImportRow.COLUMNS.stream())
        + ", 'sequence', "
        + row
        + ".sequence) end";
  }

  private static String json(String row, Column column) {
    String value = row + "." + column.name();
    return column.type() == ImportRow.Type.TIMESTAMPTZ
        ? "to_char(" + value + " at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
        : value;
  }

  private static List<Function<VersionedImport, @Nullable Object>> values() {
    var values = new ArrayList<Function<VersionedImport, @Nullable Object>>();
    for (Column column : ImportRow.COLUMNS) values.add(one -> column.value().apply(one.state()));
    values.add(VersionedImport::sequence);
    return List.copyOf(values);
  }

  private static String type(Column column) {
    return column.type().name().toLowerCase(Locale.ROOT);
  }

  private static String each(Function<Column, String> text, Stream<Column> columns) {
    return columns.map(text).collect(joining(", "));
  }
}
