package com.sdragent.imports.query.view;

import com.sdragent.imports.access.ApiError;
import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.RecordedEvent;
import com.sdragent.imports.query.view.ParkedEvents.Parked;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Applies the store's events to the read model, batch by batch. Rows and position are committed
 * together, so an event is applied once whatever crashes, and whoever comes next goes on from
 * there.
 *
 * <p>An event that cannot be applied is parked, with the later ones of its import behind it;
 * everything else goes on. What may pass, such as a database that is away, is never a reason to
 * park.
 */
final class ImportProjection {
  static final String NAME = "imports";
  private static final Logger log = LoggerFactory.getLogger(ImportProjection.class);

  private static final int RETRIED_AT_ONCE = 500;

  /** A node that freezes with the projection's lock is cut off, so that another can go on. */
  private static final String NOT_FROZEN = "set local idle_in_transaction_session_timeout = '1s'";

  private final JdbcTemplate jdbc;
  private final TransactionTemplate transaction;
  private final EventLog events;
  private final ImportTable table;
  private final ParkedEvents parked;
  private final int batchSize;

  ImportProjection(
      JdbcTemplate jdbc,
      TransactionTemplate transaction,
      EventLog events,
      ParkedEvents parked,
      int batchSize) {
    this.jdbc = jdbc;
    this.transaction = transaction;
    this.events = events;
    this.table = new ImportTable(jdbc);
    this.parked = parked;
    this.batchSize = batchSize;
  }

  /**
   * What one turn did.
   *
   * @param position the position that the projection has reached
   * @param events how many events were applied
   * @param more whether more wait
   */
  record Turn(long position, int events, boolean more) {}

  /** Where the projection is, with the lock that makes this the only one to move it. */
  private record Place(
      long position, @Nullable UUID eventId, long generation, @Nullable Long shadow) {}

  /**
   * Applies the next batch, unless another node is just doing so.
   *
   * @throws ProjectionStoppedException when the next event is of an unknown type or the store does
   *     not hold what was applied
   */
  @Nullable Turn applyNext() {
    try {
      return transaction.execute(_ -> applyNext(false));
    } catch (DataAccessException e) {
      if (!ImportTable.refused(e)) throw e;
      // Some row cannot be stored: one by one it will show which.
      return transaction.execute(_ -> applyNext(true));
    }
  }

  private @Nullable Turn applyNext(boolean oneByOne) {
    // Without a flush to disk: rows and position are lost together, if at all, and made again.
    jdbc.execute("set local synchronous_commit = off; " + NOT_FROZEN);
    Place last = place("for update of p skip locked");
    if (last == null) return null;
    List<RecordedEvent> following = following(last);
    if (following.isEmpty()) return new Turn(last.position(), 0, false);

    var batch = new Batch(last, following);
    int taken = batch.fold();
    if (taken == 0) {
      throw new UnknownEventException(last.position() + 1);
    }
    batch.write(oneByOne);
    RecordedEvent newest = following.get(taken - 1);
    jdbc.update(
        "update projection set position = ?, event_id = ? where name = ?",
        newest.position(),
        newest.eventId(),
        NAME);
    jdbc.query("select pg_notify('import_view', ?)", row -> {}, Long.toString(newest.position()));
    return new Turn(newest.position(), taken, following.size() == batchSize);
  }

  /**
   * Tries the parked events of an import again, in their order, up to the first that fails anew.
   * Those that the store has lost are forgotten.
   *
   * @param discarded the position of one that is to be left out for good, or null
   * @return how many were applied
   * @throws ApiError 409, while a rebuild runs: it goes by what was parked when it passed
   */
  int retry(UUID importId, @Nullable Long discarded) {
    Retried some = retrySome(importId, discarded);
    int applied = some.applied();
    while (some.more()) {
      some = retrySome(importId, null);
      applied += some.applied();
    }
    return applied;
  }

  private record Retried(int applied, boolean more) {}

  /** The first of them: what was stored meanwhile by others must not wait for thousands. */
  private Retried retrySome(UUID importId, @Nullable Long discarded) {
    return Objects.requireNonNull(
        transaction.execute(
            _ -> {
              jdbc.execute(NOT_FROZEN);
              Place place = place("for update of p");
              if (place == null) return new Retried(0, false);
              requireNoRebuild();
              if (discarded != null) parked.discard(discarded);
              List<Parked> first = parked.ofImport(importId, RETRIED_AT_ONCE);
              List<RecordedEvent> waiting = new ArrayList<>(first.size());
              for (Parked one : first) {
                RecordedEvent event = stored(one);
                if (event == null) {
                  parked.remove(one.position());
                } else {
                  waiting.add(event);
                }
              }
              ImportState before =
                  table
                      .states(place.generation(), List.of(importId))
                      .getOrDefault(importId, ImportState.absent());
              int applied = oneByOne(place, before, waiting);
              return new Retried(
                  applied, applied == waiting.size() && first.size() == RETRIED_AT_ONCE);
            }));
  }

  /** After the store was restored to an earlier point there may be another event, or none. */
  private @Nullable RecordedEvent stored(Parked one) {
    return events.after(one.position() - 1, 1).stream()
        .filter(
            event ->
                event.position() == one.position()
                    && event.importId().equals(one.importId())
                    && event.type().equals(one.type()))
        .findFirst()
        .orElse(null);
  }

  /** With the projection locked, so that none can begin. */
  private void requireNoRebuild() {
    Boolean running =
        jdbc.queryForObject(
            "select exists (select 1 from projection_rebuild where state = 'running')",
            Boolean.class);
    if (Boolean.TRUE.equals(running)) throw ApiError.conflict("A rebuild is running");
  }

  private @Nullable Place place(String lock) {
    return jdbc
        .query(
            "select position, event_id, generation, shadow_generation from projection p"
                + " where name = ? "
                + lock,
            (row, _) ->
                new Place(
                    row.getLong(1),
                    row.getObject(2, UUID.class),
                    row.getLong(3),
                    row.getObject(4, Long.class)),
            NAME)
        .stream()
        .findFirst()
        .orElse(null);
  }

  /** The events after this position, once the store has been seen to still hold the one at it. */
  private List<RecordedEvent> following(Place last) {
    if (last.eventId() == null) return events.after(last.position(), batchSize);
    List<RecordedEvent> withLast = events.after(last.position() - 1, batchSize + 1);
    if (withLast.isEmpty() || !withLast.getFirst().eventId().equals(last.eventId())) {
      throw new ProjectionStoppedException(
          "The event store does not hold the event "
              + last.eventId()
              + " at position "
              + last.position()
              + " that the read model was made from: it was restored to an earlier point. Restore a"
              + " later one, or rebuild the read model (POST /admin/projections/imports/rebuild):"
              + " the projection goes on from what that loaded");
    }
    return withLast.subList(1, withLast.size());
  }

  /** Some events and what they make of the imports that they are about. */
  private final class Batch {
    private final Place place;
    private final List<RecordedEvent> batch;
    private final Map<UUID, ImportState> before;
    private final Map<UUID, ImportState> after = new HashMap<>();
    private final Map<UUID, List<RecordedEvent>> accepted = new LinkedHashMap<>();
    private final Set<UUID> blocked;
    private final Map<Long, UUID> leftOut;

    Batch(Place place, List<RecordedEvent> batch) {
      this.place = place;
      this.batch = batch;
      Set<UUID> ids = new HashSet<>();
      for (RecordedEvent event : batch) ids.add(event.importId());
      // Not in the statement of the lock, which does not see what was parked while it waited.
      boolean anyParked = parked.any();
      blocked = anyParked ? parked.blocked(ids) : new HashSet<>();
      leftOut = anyParked ? parked.leftOut(ids) : Map.of();
      before = table.states(place.generation(), changed());
    }

    /** The imports that these events change and do not create. */
    private Collection<UUID> changed() {
      Set<UUID> created = new HashSet<>();
      Set<UUID> changed = new HashSet<>();
      for (RecordedEvent event : batch) {
        if (event.sequence() == 0) {
          created.add(event.importId());
        } else if (!created.contains(event.importId())) {
          changed.add(event.importId());
        }
      }
      return changed;
    }

    /** Folds until an event of an unknown type, and says how many there were before. */
    int fold() {
      int taken = 0;
      for (RecordedEvent event : batch) {
        UUID id = event.importId();
        ImportState state = after.getOrDefault(id, before.getOrDefault(id, ImportState.absent()));
        IllegalStateException failure = null;
        try {
          state = Fold.after(state, event);
        } catch (UnknownEventException e) {
          return taken;
        } catch (IllegalStateException e) {
          failure = e;
        }
        if (blocked.contains(id)) {
          parked.park(event, null);
        } else if (!id.equals(leftOut.get(event.position()))) {
          if (failure == null) {
            after.put(id, state);
            accepted.computeIfAbsent(id, _ -> new ArrayList<>()).add(event);
          } else {
            park(event, failure);
            blocked.add(id);
          }
        }
        taken++;
      }
      return taken;
    }

    void write(boolean oneByOne) {
      if (oneByOne) {
        accepted.forEach(
            (id, list) -> oneByOne(place, before.getOrDefault(id, ImportState.absent()), list));
        return;
      }
      table.write(place.generation(), after.values());
      if (place.shadow() == null) return;
      try {
        table.write(place.shadow(), shadow(place.shadow()));
      } catch (IllegalStateException e) {
        failRebuild(e);
      }
    }

    /**
     * The same events on what another generation holds, which need not be what the live one does.
     */
    private Collection<ImportState> shadow(long generation) {
      Map<UUID, ImportState> states = table.states(generation, changed());
      accepted.forEach(
          (id, list) -> {
            for (RecordedEvent event : list) {
              ImportState state = states.getOrDefault(id, ImportState.absent());
              states.put(id, Fold.after(state, event));
            }
          });
      return states.values();
    }
  }

  /** Applies an import's events each by itself and parks from the first that fails. */
  private int oneByOne(Place place, ImportState before, List<RecordedEvent> list) {
    ImportState state = before;
    Long shadow = place.shadow();
    ImportState rebuilt = ImportState.absent();
    if (shadow != null && !list.isEmpty()) {
      UUID id = list.getFirst().importId();
      rebuilt = table.states(shadow, List.of(id)).getOrDefault(id, rebuilt);
    }
    int applied = 0;
    boolean fails = false;
    for (RecordedEvent event : list) {
      if (fails) {
        parked.park(event, null);
        continue;
      }
      jdbc.execute("savepoint one_event");
      try {
        state = Fold.after(state, event);
        table.write(place.generation(), List.of(state));
        if (shadow != null) {
          try {
            rebuilt = Fold.after(rebuilt, event);
            table.write(shadow, List.of(rebuilt));
          } catch (IllegalStateException e) {
            failRebuild(e);
            shadow = null;
          }
        }
        jdbc.execute("release savepoint one_event");
        parked.remove(event.position());
        applied++;
      } catch (DataAccessException | IllegalStateException e) {
        if (e instanceof DataAccessException failure && !ImportTable.refused(failure)) throw e;
        jdbc.execute("rollback to savepoint one_event");
        park(event, e);
        fails = true;
      }
    }
    return applied;
  }

  /** The live generation took an event that the rebuilt one cannot take: it goes on alone. */
  private void failRebuild(IllegalStateException e) {
    table.endRebuild("failed", "What was rebuilt cannot take a later event: " + e.getMessage());
  }

  private void park(RecordedEvent event, RuntimeException e) {
    log.error(
        "The event at position {} cannot be applied and is parked; the later ones of import {} wait"
            + " behind it",
        event.position(),
        event.importId());
    parked.park(event, Fold.reason(e));
  }
}
