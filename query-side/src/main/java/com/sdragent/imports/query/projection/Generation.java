package com.sdragent.imports.query.projection;

import com.sdragent.imports.eventstore.RecordedEvent;
import com.sdragent.imports.query.projection.Projection.Folded;
import com.sdragent.imports.query.projection.parked.FailureReason;
import com.sdragent.imports.query.projection.parked.Parking;
import java.sql.SQLException;
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
import org.springframework.core.NestedExceptionUtils;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Applies events to one generation of a projection. An event that cannot be applied is parked, with
 * the later ones of its import behind it; everything else goes on.
 */
public final class Generation<S> {
  private static final Logger log = LoggerFactory.getLogger(Generation.class);

  private final Projection<S> projection;
  private final JdbcTemplate jdbc;
  private final long number;
  private final Parking parking;

  Generation(Projection<S> projection, JdbcTemplate jdbc, long number, Parking parking) {
    this.projection = projection;
    this.jdbc = jdbc;
    this.number = number;
    this.parking = parking;
  }

  /** Whether PostgreSQL refused what a row holds, so that it would refuse it again. */
  public static boolean isRefused(DataAccessException e) {
    // Class 54: a value that is too long for an index, which Spring takes for a lack of resources.
    return e instanceof DataIntegrityViolationException
        || (NestedExceptionUtils.getMostSpecificCause(e) instanceof SQLException cause
            && cause.getSQLState() != null
            && cause.getSQLState().startsWith("54"));
  }

  /**
   * Folds events of known types and writes the new states of their imports.
   *
   * @param blocked the imports that have a parked event
   * @param oneByOne whether each event is stored by itself, so that it shows which cannot be; all
   *     are stored together otherwise
   * @return the events that were applied, in the order of each import
   * @throws DataAccessException also when a row is refused that is not stored by itself
   */
  public List<RecordedEvent> apply(
      List<RecordedEvent> events, Set<UUID> blocked, boolean oneByOne) {
    Collection<UUID> changed = changed(events);
    Map<UUID, S> before = changed.isEmpty() ? Map.of() : projection.states(number, changed);
    var after = new HashMap<UUID, S>();
    var accepted = new LinkedHashMap<UUID, List<RecordedEvent>>();
    var waiting = new HashSet<>(blocked);
    for (RecordedEvent event : events) {
      UUID id = event.importId();
      if (waiting.contains(id)) {
        parking.park(event, null);
        continue;
      }
      S state = after.getOrDefault(id, before.getOrDefault(id, projection.absent()));
      try {
        after.put(id, fold(state, event));
        accepted.computeIfAbsent(id, _ -> new ArrayList<>()).add(event);
      } catch (IllegalStateException e) {
        park(event, e);
        waiting.add(id);
      }
    }
    var applied = new ArrayList<RecordedEvent>();
    if (oneByOne) {
      accepted.forEach(
          (id, list) -> applied.addAll(follow(before.getOrDefault(id, projection.absent()), list)));
    } else {
      var changes = new ArrayList<Folded<S>>(after.size());
      accepted.forEach(
          (id, list) -> {
            S from = before.getOrDefault(id, projection.absent());
            S to = after.getOrDefault(id, from);
            changes.add(new Folded<>(id, from, to, list.getLast().sequence()));
          });
      if (!changes.isEmpty()) projection.write(number, changes);
      accepted.values().forEach(applied::addAll);
    }
    return applied;
  }

  /** The imports that these events change but do not create. */
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
  public List<RecordedEvent> follow(S before, List<RecordedEvent> events) {
    S state = before;
    int applied = 0;
    for (RecordedEvent event : events) {
      jdbc.execute("savepoint one_event");
      try {
        S next = fold(state, event);
        projection.write(
            number, List.of(new Folded<>(event.importId(), state, next, event.sequence())));
        jdbc.execute("release savepoint one_event");
        state = next;
        applied++;
      } catch (DataAccessException | IllegalStateException e) {
        if (e instanceof DataAccessException failure && !isRefused(failure)) throw e;
        jdbc.execute("rollback to savepoint one_event");
        park(event, e);
        events.subList(applied + 1, events.size()).forEach(later -> parking.park(later, null));
        break;
      }
    }
    return events.subList(0, applied);
  }

  /**
   * The state after one more event.
   *
   * @throws IllegalStateException when it cannot be read or cannot follow
   */
  public S fold(S before, RecordedEvent event) {
    return RecordedEvents.fold(before, event, projection::fold);
  }

  /**
   * The state after one more event that was dealt with before. An event that cannot be applied has
   * been parked and leaves the state as it is.
   *
   * @throws ProjectionStoppedException when this version does not know its type or revision
   */
  public S foldIfPossible(S before, RecordedEvent event) {
    try {
      return fold(before, event);
    } catch (IllegalStateException e) {
      return before;
    }
  }

  /** Parks an event that fails. */
  public void park(RecordedEvent event, RuntimeException e) {
    log.error(
        "The event at position {} cannot be applied to {} and is parked; the later ones of import"
            + " {} wait behind it",
        event.position(),
        projection.name(),
        event.importId());
    parking.park(event, FailureReason.of(e));
  }

  /** Parks an event behind one of its import that fails. */
  public void parkBehind(RecordedEvent event) {
    parking.park(event, null);
  }
}
