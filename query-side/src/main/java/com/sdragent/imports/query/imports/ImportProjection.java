package com.sdragent.imports.query.imports;

import com.sdragent.imports.events.ImportEvent;
import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.events.ImportState.Absent;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.events.ImportState.Deleted;
import com.sdragent.imports.query.projection.CopyTuples;
import com.sdragent.imports.query.projection.Projection;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/** Keeps a row for each existing import. */
final class ImportProjection implements Projection<ImportState> {
  static final String NAME = "imports";

  private final JdbcTemplate jdbc;
  private final ImportTable table;

  ImportProjection(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
    this.table = new ImportTable(jdbc);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public ImportState absent() {
    return ImportState.absent();
  }

  @Override
  public ImportState fold(ImportState before, ImportEvent event) {
    return before.next(event);
  }

  @Override
  public Map<UUID, ImportState> states(long generation, Collection<UUID> ids) {
    return table.states(generation, ids);
  }

  @Override
  public void write(long generation, Collection<Folded<ImportState>> changes) {
    var created = new ArrayList<VersionedImport>();
    var active = new ArrayList<VersionedImport>();
    var deleted = new ArrayList<UUID>();
    for (Folded<ImportState> one : changes) {
      switch (one.after()) {
        case Active row ->
            (one.before() instanceof Absent ? created : active)
                .add(new VersionedImport(row, one.sequence()));
        case Deleted _ -> deleted.add(one.importId());
        case Absent _ -> {}
      }
    }
    // Should one of them have a row after all, this is refused, and they come one by one.
    if (created.size() >= CopyTuples.WORTH_IT) table.copy(generation, created);
    else active.addAll(created);
    table.write(generation, active, deleted);
  }

  @Override
  public void fill(long generation, Collection<Folded<ImportState>> imports) {
    var active = new ArrayList<VersionedImport>(imports.size());
    for (Folded<ImportState> one : imports) {
      if (one.after() instanceof Active row) active.add(new VersionedImport(row, one.sequence()));
    }
    table.copy(generation, active);
  }

  @Override
  public void empty(long generation) {
    jdbc.query("select empty_import_row(?)", row -> {}, slot(generation));
  }

  @Override
  public boolean index(long generation) {
    return Boolean.TRUE.equals(
        jdbc.queryForObject("select index_import_row(?)", Boolean.class, slot(generation)));
  }

  @Override
  public Compared compare(long generation, @Nullable String from, int rows) {
    return table.compare(generation, from == null ? null : UUID.fromString(from), rows);
  }

  private static int slot(long generation) {
    return (int) (generation % 2);
  }
}
