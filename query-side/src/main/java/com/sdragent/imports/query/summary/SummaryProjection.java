package com.sdragent.imports.query.summary;

import com.sdragent.imports.events.ImportEvent;
import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.events.ImportState.Absent;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.events.ImportState.Deleted;
import com.sdragent.imports.events.ImportStatus;
import com.sdragent.imports.query.projection.CopyTuples;
import com.sdragent.imports.query.projection.Projection;
import com.sdragent.imports.query.summary.SummaryState.Happened;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
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

  private static final List<Function<Active, @Nullable Object>> VALUES =
      List.of(
          Active::id,
          Active::orgId,
          row -> row.status().label(),
          Active::source,
          Active::campaignId,
          Active::totalRows);

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
    return before.next(event);
  }

  @Override
  public Map<UUID, SummaryState> states(long generation, Collection<UUID> ids) {
    var states = new HashMap<UUID, SummaryState>();
    jdbc.query(
        "select " + IMPORT + " from summary_import_" + slot(generation) + " where id = any (?)",
        row -> {
          // Neither its file's name nor its times count.
          var now =
              new Active(
                  row.getObject(1, UUID.class),
                  row.getObject(2, UUID.class),
                  row.getObject(5, UUID.class),
                  row.getString(4),
                  null,
                  ImportStatus.labelled(row.getString(3)).orElseThrow(),
                  row.getLong(6),
                  Instant.EPOCH,
                  Instant.EPOCH);
          states.put(now.id(), new SummaryState(now, null));
        },
        (Object) ids.toArray(UUID[]::new));
    return states;
  }

  @Override
  public void write(long generation, Collection<Folded<SummaryState>> changes) {
    var changed = new ArrayList<Active>();
    var deleted = new ArrayList<UUID>();
    for (Folded<SummaryState> one : changes) {
      switch (one.after().now()) {
        case Active row -> changed.add(row);
        case Deleted _ -> deleted.add(one.importId());
        case Absent _ -> {}
      }
    }
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
    List<Active> rows = new ArrayList<>(imports.size());
    for (Folded<SummaryState> one : imports) {
      if (one.after().now() instanceof Active row) rows.add(row);
    }
    jdbc.execute(
        (ConnectionCallback<@Nullable Void>)
            connection -> {
              String target = "summary_import_" + slot(generation) + " (" + IMPORT + ")";
              CopyTuples.copy(connection, target, VALUES, rows);
              return null;
            });
    add(generation, imports);
  }

  /**
   * What is counted apart.
   *
   * @param day of what happened then, or null of what there is
   */
  private record Cell(
      UUID organization,
      ImportStatus status,
      String source,
      @Nullable UUID campaignId,
      @Nullable LocalDate day) {

    /** A hash: nobody finds two that share it, in one organization or in two. */
    UUID id() {
      String text = organization + " " + status + " " + day + " " + campaignId + " " + source;
      try {
        byte[] hash =
            MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        ByteBuffer bytes = ByteBuffer.wrap(hash);
        return new UUID(bytes.getLong(), bytes.getLong());
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("Every Java has SHA-256", e);
      }
    }
  }

  /** What the counts of a cell gain. */
  private record Gain(
      long imports, BigDecimal totalRows, long created, long completed, long failed) {
    Gain plus(Gain more) {
      return new Gain(
          imports + more.imports,
          totalRows.add(more.totalRows),
          created + more.created,
          completed + more.completed,
          failed + more.failed);
    }

    boolean isNone() {
      return imports == 0
          && totalRows.signum() == 0
          && created == 0
          && completed == 0
          && failed == 0;
    }
  }

  private void add(long generation, Collection<Folded<SummaryState>> changes) {
    LocalDate kept = firstDay(today()).minusDays(SLACK_DAYS);
    var gains = new HashMap<Cell, Gain>();
    for (Folded<SummaryState> one : changes) {
      UUID organization = organization(one.after().now());
      if (organization == null) continue;
      gather(one.before(), -1, organization, kept, gains);
      gather(one.after(), 1, organization, kept, gains);
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

  private static @Nullable UUID organization(ImportState state) {
    return switch (state) {
      case Active active -> active.orgId();
      case Deleted deleted -> deleted.orgId();
      case Absent _ -> null;
    };
  }

  private static void gather(
      SummaryState state, int sign, UUID organization, LocalDate kept, Map<Cell, Gain> gains) {
    if (state.now() instanceof Active now) {
      BigDecimal rows = BigDecimal.valueOf(now.totalRows()).multiply(BigDecimal.valueOf(sign));
      gains.merge(
          new Cell(organization, now.status(), now.source(), now.campaignId(), null),
          new Gain(sign, rows, 0, 0, 0),
          Gain::plus);
    }
    for (Happened it = state.last(); it != null; it = it.earlier()) {
      if (it.day().isBefore(kept)) continue;
      Happened some = it;
      Function<ImportStatus, Cell> then =
          status -> new Cell(organization, status, some.source(), some.campaignId(), some.day());
      ImportStatus createdAs = it.createdAs();
      if (createdAs != null) {
        gains.merge(then.apply(createdAs), new Gain(0, BigDecimal.ZERO, sign, 0, 0), Gain::plus);
      }
      gains.merge(
          then.apply(ImportStatus.COMPLETED),
          new Gain(0, BigDecimal.ZERO, 0, sign * it.completed(), 0),
          Gain::plus);
      gains.merge(
          then.apply(ImportStatus.FAILED),
          new Gain(0, BigDecimal.ZERO, 0, 0, sign * it.failed()),
          Gain::plus);
    }
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
