package com.sdragent.imports.query.summary;

import com.sdragent.imports.events.ImportEvent;
import com.sdragent.imports.events.ImportStatus;
import com.sdragent.imports.query.projection.CopyTuples;
import com.sdragent.imports.query.projection.Projection;
import com.sdragent.imports.query.summary.SummaryState.Cell;
import com.sdragent.imports.query.summary.SummaryState.Counted;
import com.sdragent.imports.query.summary.SummaryState.Gain;
import com.sdragent.imports.query.summary.SummaryState.Owned;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;

/** Counters of what each organization has and of what happened in the last days. */
final class SummaryProjection implements Projection<SummaryState> {
  /** How many UTC days are shown, with today. */
  static final int DAYS = 90;

  private static final String NAME = "summary";

  /** So much longer a day is kept than it is shown: the clocks of two nodes may differ. */
  private static final int SLACK_DAYS = 5;

  private static final String IMPORT = "id, organization, status, source, campaign_id, total_rows";
  private static final String CELLS = "cells from ";
  private static final String IMPORTS = "imports from ";
  private static final UUID FIRST = new UUID(0, 0);

  /** A counter that stands at nothing is as good as none. */
  private static final String COUNTED =
      """
      select c.*, n.imports, n.total_rows, n.created, n.completed, n.failed
      from (
        select * from summary_cell_%1$s where %2$s and (day is null or day >= '%3$s')
      ) c
      cross join lateral (
        select * from summary_count_%1$s where cell = c.id order by version desc limit 1
      ) n
      where (n.imports, n.total_rows, n.created, n.completed, n.failed) <> (0, 0, 0, 0, 0)
      """;

  private static final List<Function<Row, @Nullable Object>> VALUES =
      List.of(
          row -> row.owned().importId(),
          row -> row.owned().organization(),
          row -> row.counted().status().label(),
          row -> row.counted().source(),
          row -> row.counted().campaignId(),
          row -> row.counted().totalRows());

  private final JdbcTemplate jdbc;

  SummaryProjection(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /** The first of the days that are shown. */
  static LocalDate firstDay(LocalDate today) {
    return today.minusDays(DAYS - 1L);
  }

  /** Today's UTC day. */
  static LocalDate today() {
    return LocalDate.now(ZoneOffset.UTC);
  }

  /** The number of a generation's tables. */
  static int slot(long generation) {
    return (int) (generation % 2);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public SummaryState absent() {
    return SummaryState.ABSENT;
  }

  @Override
  public SummaryState fold(SummaryState before, ImportEvent event) {
    return event.accept(before);
  }

  @Override
  public SummaryState written(SummaryState state) {
    return new SummaryState(state.owned(), state.now(), null);
  }

  @Override
  public Map<UUID, SummaryState> states(long generation, Collection<UUID> ids) {
    var states = new HashMap<UUID, SummaryState>();
    jdbc.query(
        "select " + IMPORT + " from summary_import_" + slot(generation) + " where id = any (?)",
        row -> {
          UUID id = row.getObject(1, UUID.class);
          var counted =
              new Counted(
                  ImportStatus.labelled(row.getString(3)).orElseThrow(),
                  row.getString(4),
                  row.getObject(5, UUID.class),
                  row.getLong(6));
          states.put(id, SummaryState.of(id, row.getObject(2, UUID.class), counted));
        },
        (Object) ids.toArray(UUID[]::new));
    return states;
  }

  @Override
  public void write(long generation, Collection<Folded<SummaryState>> changes) {
    List<Row> created = rows(changes, one -> one.before().owned() == null);
    List<Row> changed = rows(changes, one -> one.before().owned() != null);
    // Should one of them have a row after all, this is refused, and they come one by one.
    if (created.size() >= CopyTuples.WORTH_IT) copy(generation, created);
    else changed.addAll(created);
    List<UUID> deleted =
        changes.stream()
            .filter(one -> one.before().now() != null && one.after().now() == null)
            .map(Folded::importId)
            .toList();
    if (!changed.isEmpty()) {
      jdbc.update(
          "insert into summary_import_"
              + slot(generation)
              + " ("
              + IMPORT
              + ") select * from unnest(?::uuid[], ?::uuid[], ?::text[], ?::text[], ?::uuid[],"
              + " ?::bigint[]) on conflict (id) do update set status = excluded.status,"
              + " source = excluded.source, campaign_id = excluded.campaign_id,"
              + " total_rows = excluded.total_rows",
          statement -> {
            String[] types = {"uuid", "uuid", "text", "text", "uuid", "bigint"};
            for (int i = 0; i < types.length; i++) {
              set(statement, i + 1, types[i], changed, VALUES.get(i));
            }
          });
    }
    if (!deleted.isEmpty()) {
      jdbc.update(
          "delete from summary_import_" + slot(generation) + " where id = any (?)",
          (Object) deleted.toArray(UUID[]::new));
    }
    add(generation, changes);
  }

  @Override
  public void fill(long generation, Collection<Folded<SummaryState>> imports) {
    copy(generation, rows(imports, _ -> true));
    add(generation, imports);
  }

  private void copy(long generation, List<Row> rows) {
    jdbc.execute(
        (ConnectionCallback<@Nullable Void>)
            connection -> {
              String target = "summary_import_" + slot(generation) + " (" + IMPORT + ")";
              CopyTuples.copy(connection, target, VALUES, rows);
              return null;
            });
  }

  /** An import that there is. */
  private record Row(Owned owned, Counted counted) {}

  private static List<Row> rows(
      Collection<Folded<SummaryState>> imports, Predicate<Folded<SummaryState>> wanted) {
    var rows = new ArrayList<Row>(imports.size());
    for (Folded<SummaryState> one : imports) {
      if (!wanted.test(one)) continue;
      Owned owned = one.after().owned();
      Counted counted = one.after().now();
      if (owned != null && counted != null) rows.add(new Row(owned, counted));
    }
    return rows;
  }

  private void add(long generation, Collection<Folded<SummaryState>> changes) {
    LocalDate kept = firstDay(today()).minusDays(SLACK_DAYS);
    var gains = new HashMap<Cell, Gain>();
    for (Folded<SummaryState> one : changes) {
      one.before().addGains(one.after(), kept, gains);
    }
    gains.values().removeIf(Gain::isNone);
    if (gains.isEmpty()) return;
    List<Map.Entry<Cell, Gain>> rows = List.copyOf(gains.entrySet());
    jdbc.query(
        "select add_to_summary_" + slot(generation) + "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        statement -> {
          set(statement, 1, "uuid", rows, row -> row.getKey().id());
          set(statement, 2, "uuid", rows, row -> row.getKey().organization());
          set(statement, 3, "text", rows, row -> row.getKey().status().label());
          set(statement, 4, "text", rows, row -> row.getKey().source());
          set(statement, 5, "uuid", rows, row -> row.getKey().campaignId());
          set(statement, 6, "date", rows, row -> row.getKey().day());
          set(statement, 7, "bigint", rows, row -> row.getValue().imports());
          set(statement, 8, "numeric", rows, row -> row.getValue().totalRows());
          set(statement, 9, "bigint", rows, row -> row.getValue().created());
          set(statement, 10, "bigint", rows, row -> row.getValue().completed());
          set(statement, 11, "bigint", rows, row -> row.getValue().failed());
          statement.setObject(12, kept);
        },
        row -> {});
  }

  private static <T> void set(
      PreparedStatement statement,
      int index,
      String type,
      List<T> rows,
      Function<? super T, ? extends @Nullable Object> value)
      throws SQLException {
    Connection connection = statement.getConnection();
    Object[] values = new Object[rows.size()];
    for (int i = 0; i < values.length; i++) {
      Object one = value.apply(rows.get(i));
      values[i] = one instanceof LocalDate day ? day.toString() : one;
    }
    statement.setArray(index, connection.createArrayOf(type, values));
  }

  @Override
  public void empty(long generation) {
    jdbc.query("select empty_summary(?)", row -> {}, slot(generation));
  }

  /** Its tables keep their indexes: all but one of them grow with what is counted apart. */
  @Override
  public boolean index(long generation) {
    jdbc.query("select analyze_summary(?)", row -> {}, slot(generation));
    return false;
  }

  /** First the imports, then the counters. */
  @Override
  public Compared compare(long generation, @Nullable String from, int rows) {
    if (from != null && from.startsWith(CELLS)) {
      return compare("summary_cell_", COUNTED, generation, CELLS, from, rows);
    }
    Compared some =
        compare(
            "summary_import_",
            "select * from summary_import_%s where %s",
            generation,
            IMPORTS,
            from == null ? IMPORTS + FIRST : from,
            rows);
    return some.next() == null
        ? new Compared(CELLS + FIRST, some.differences(), some.examples())
        : some;
  }

  /**
   * Compares rows of some ids.
   *
   * @param table whose ids these are
   * @param select the rows, of a number and a condition
   * @param prefix what the place where it begins is told apart by
   */
  private Compared compare(
      String table, String select, long generation, String prefix, String from, int rows) {
    UUID first = UUID.fromString(from.substring(prefix.length()));
    UUID end =
        jdbc
            .queryForList(
                "select id from "
                    + table
                    + slot(generation)
                    + " where id >= ? order by id offset ? limit 1",
                UUID.class,
                first,
                rows)
            .stream()
            .findFirst()
            .orElse(null);
    // Ids and a date alone: nothing that a client chose becomes part of the text.
    String range = "id >= '" + first + "'" + (end == null ? "" : " and id < '" + end + "'");
    LocalDate shown = firstDay(today());
    String differences =
        """
        with different as (
          select coalesce(l.id, r.id) as id,
                 case when l.id is not null then to_json(l) end as live,
                 case when r.id is not null then to_json(r) end as rebuilt
          from (%s) l full join (%s) r on r.id = l.id where l is distinct from r)
        select count(*), coalesce(
          (select json_agg(d) from (select * from different order by id limit %s) d), '[]')::text
        from different
        """
            .formatted(
                select.formatted(slot(generation - 1), range, shown),
                select.formatted(slot(generation), range, shown),
                String.valueOf(Compared.EXAMPLES));
    return Objects.requireNonNull(
        jdbc.queryForObject(
            differences,
            (row, _) ->
                new Compared(end == null ? null : prefix + end, row.getLong(1), row.getString(2))));
  }
}
