package com.sdragent.imports.query.view;

import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.events.ImportState.Absent;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.events.ImportState.Deleted;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;

/** The rows of a generation of the read model, as whoever applies events sees them. */
public final class ImportTable {
  private final JdbcTemplate jdbc;

  /** In the database, within the caller's transaction. */
  public ImportTable(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /** The name of a generation's table. */
  public static String name(long generation) {
    return "import_row_" + generation % 2;
  }

  /**
   * Ends the running rebuild of the next generation, unless it is already live. The projection's
   * lock comes first, as wherever both are held.
   *
   * @param state failed or cancelled
   * @return whether there was one
   */
  public boolean endRebuild(String state, @Nullable String error) {
    return jdbc.update(
            """
            with held as (select name from projection where name = 'imports' for update),
                 ended as (
                   update projection_rebuild
                   set state = ?, error = ?, finished_at = clock_timestamp()
                   where state = 'running' and phase <> 'emptying' and exists (select 1 from held)
                   returning id)
            update projection set shadow_generation = null
            where name in (select name from held) and exists (select 1 from ended)
            """,
            state,
            error)
        > 0;
  }

  /** Whether PostgreSQL refused what a row holds, so that it would refuse it again. */
  public static boolean refused(DataAccessException e) {
    // Class 54: a value that is too long for an index, which Spring takes for a lack of resources.
    return e instanceof DataIntegrityViolationException
        || (NestedExceptionUtils.getMostSpecificCause(e) instanceof SQLException cause
            && cause.getSQLState() != null
            && cause.getSQLState().startsWith("54"));
  }

  /** What is known of these imports; those without a row are missing. */
  public Map<UUID, ImportState> states(long generation, Collection<UUID> ids) {
    var states = new HashMap<UUID, ImportState>();
    if (ids.isEmpty()) return states;
    jdbc.query(
        "select " + ImportRows.COLUMNS + " from " + name(generation) + " where id = any (?)",
        statement ->
            statement.setArray(1, statement.getConnection().createArrayOf("uuid", ids.toArray())),
        row -> {
          Active state = ImportRows.read(row, 1);
          states.put(state.id(), state);
        });
    return states;
  }

  /** Adds rows to a table that has none of these imports, as fast as PostgreSQL takes them. */
  public void add(long generation, Collection<ImportState> states) {
    var active = new ArrayList<Active>(states.size());
    for (ImportState state : states) {
      if (state instanceof Active row) active.add(row);
    }
    if (active.isEmpty()) return;
    jdbc.execute(
        (ConnectionCallback<@Nullable Void>)
            connection -> {
              ImportRows.copy(connection, generation, active);
              return null;
            });
  }

  /** Makes the rows what these states say. */
  public void write(long generation, Collection<ImportState> states) {
    var active = new ArrayList<Active>();
    var deleted = new ArrayList<UUID>();
    for (ImportState state : states) {
      switch (state) {
        case Active row -> active.add(row);
        case Deleted gone -> deleted.add(gone.id());
        case Absent _ -> {}
      }
    }
    jdbc.execute(
        (ConnectionCallback<@Nullable Void>)
            connection -> {
              if (!active.isEmpty()) ImportRows.upsert(connection, generation, active);
              if (!deleted.isEmpty()) ImportRows.delete(connection, generation, deleted);
              return null;
            });
  }
}
