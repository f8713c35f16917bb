package com.sdragent.imports.query.view;

import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.eventstore.RecordedEvent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Applies events to one generation of the read model. An event that cannot be applied is parked,
 * with the later ones of its import behind it; everything else goes on.
 */
public final class Generation {
  private static final Logger log = LoggerFactory.getLogger(Generation.class);

  private final JdbcTemplate jdbc;
  private final ImportTable table;
  private final long number;
  private final Parking parking;

  Generation(JdbcTemplate jdbc, long number, Parking parking) {
    this.jdbc = jdbc;
    this.table = new ImportTable(jdbc);
    this.number = number;
    this.parking = parking;
  }

  /** The one that is being rebuilt. */
  public static Generation rebuilt(JdbcTemplate jdbc, long number) {
    return new Generation(jdbc, number, new ParkedByRebuild(jdbc));
  }

  /**
   * Folds events of known types and writes what they make of their imports.
   *
   * @param blocked the imports that have a parked event
   * @param oneByOne whether each event is stored by itself, so that it shows which cannot be; all
   *     are stored together otherwise
   * @return those that were applied, in the order of each import
   * @throws DataAccessException also when some row is refused that is not stored by itself
   */
  public List<RecordedEvent> apply(
      List<RecordedEvent> events, Set<UUID> blocked, boolean oneByOne) {
    Map<UUID, ImportState> before = table.states(number, changed(events));
    var after = new HashMap<UUID, ImportState>();
    var accepted = new LinkedHashMap<UUID, List<RecordedEvent>>();
    var waiting = new HashSet<>(blocked);
    for (RecordedEvent event : events) {
      UUID id = event.importId();
      if (waiting.contains(id)) {
        parking.park(event, null);
        continue;
      }
      ImportState state = after.getOrDefault(id, before.getOrDefault(id, ImportState.absent()));
      try {
        after.put(id, Fold.after(state, event));
        accepted.computeIfAbsent(id, _ -> new ArrayList<>()).add(event);
      } catch (IllegalStateException e) {
        park(event, e);
        waiting.add(id);
      }
    }
    var applied = new ArrayList<RecordedEvent>();
    if (oneByOne) {
      accepted.forEach(
          (id, list) ->
              applied.addAll(follow(before.getOrDefault(id, ImportState.absent()), list)));
    } else {
      table.write(number, after.values());
      accepted.values().forEach(applied::addAll);
    }
    return applied;
  }

  /** The imports that these events change and do not create. */
  private static Collection<UUID> changed(List<RecordedEvent> events) {
    Set<UUID> created = new HashSet<>();
    Set<UUID> changed = new HashSet<>();
    for (RecordedEvent event : events) {
      if (event.sequence() == 0) {
        created.add(event.importId());
      } else if (!created.contains(event.importId())) {
        changed.add(event.importId());
      }
    }
    return changed;
  }

  /**
   * Applies an import's events each by itself, up to the first that fails.
   *
   * @return those that were applied
   */
  public List<RecordedEvent> follow(ImportState before, List<RecordedEvent> events) {
    ImportState state = before;
    int applied = 0;
    for (RecordedEvent event : events) {
      jdbc.execute("savepoint one_event");
      try {
        state = Fold.after(state, event);
        table.write(number, List.of(state));
        jdbc.execute("release savepoint one_event");
        applied++;
      } catch (DataAccessException | IllegalStateException e) {
        if (e instanceof DataAccessException failure && !ImportTable.refused(failure)) throw e;
        jdbc.execute("rollback to savepoint one_event");
        park(event, e);
        events.subList(applied + 1, events.size()).forEach(later -> parking.park(later, null));
        break;
      }
    }
    return events.subList(0, applied);
  }

  /** Parks an event that fails. */
  public void park(RecordedEvent event, RuntimeException e) {
    log.error(
        "The event at position {} cannot be applied and is parked; the later ones of import {} wait"
            + " behind it",
        event.position(),
        event.importId());
    parking.park(event, Fold.reason(e));
  }
}
