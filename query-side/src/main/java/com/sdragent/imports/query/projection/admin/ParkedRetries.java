package com.sdragent.imports.query.projection.admin;

import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.RecordedEvent;
import com.sdragent.imports.query.projection.Generation;
import com.sdragent.imports.query.projection.ProjectionStoppedException;
import com.sdragent.imports.query.projection.RunningProjection;
import com.sdragent.imports.query.projection.parked.ParkedEvents;
import com.sdragent.imports.query.projection.parked.ParkedEvents.Parked;
import com.sdragent.imports.query.projection.rebuild.Rebuilds;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/** Tries parked events of a projection again. */
final class ParkedRetries<S> {
  private static final int AT_ONCE = 500;

  private final RunningProjection<S> projection;
  private final ParkedEvents parked;
  private final Rebuilds rebuilds;
  private final TransactionTemplate transaction;
  private final EventLog events;
  private final int batchSize;

  ParkedRetries(
      RunningProjection<S> projection,
      TransactionTemplate transaction,
      EventLog events,
      int batchSize) {
    this.projection = projection;
    this.parked = projection.parked();
    this.rebuilds = Rebuilds.of(projection);
    this.transaction = transaction;
    this.events = events;
    this.batchSize = batchSize;
  }

  /**
   * Tries the parked events of an import again, in their order, up to the first that fails again.
   * Events that the store has lost are forgotten.
   *
   * @param discarded the position of an event that is to be left out for good, or null
   * @return how many were applied, or nothing while a rebuild runs, which goes by the events that
   *     were parked when it passed them: then nothing was done
   */
  OptionalInt retry(UUID importId, @Nullable Long discarded) {
    Retried some = retrySome(importId, discarded);
    if (some.refused()) return OptionalInt.empty();
    int applied = some.applied();
    while (some.more()) {
      try {
        some = retrySome(importId, null);
      } catch (ProjectionStoppedException
          | CannotGetJdbcConnectionException
          | CannotCreateTransactionException e) {
        // What was done stays done, and the others are still parked.
        break;
      }
      applied += some.applied();
    }
    return OptionalInt.of(applied);
  }

  private record Retried(boolean refused, int applied, boolean more) {}

  /** Tries the first of them: events that others store meanwhile must not wait for thousands. */
  private Retried retrySome(UUID importId, @Nullable Long discarded) {
    return Objects.requireNonNull(
        transaction.execute(
            _ -> {
              long live = projection.row().lockForTurn().live();
              // The projection is locked here, so that no rebuild can begin.
              if (rebuilds.isRunning()) return new Retried(true, 0, false);
              if (discarded != null) parked.discard(discarded);
              List<Parked> first = parked.ofImport(importId, AT_ONCE);
              List<RecordedEvent> waiting = stored(first);
              boolean more = first.size() == AT_ONCE;
              if (waiting.isEmpty()) return new Retried(false, 0, more);
              Generation<S> generation = projection.live(live);
              List<RecordedEvent> applied =
                  generation.follow(before(generation, live, waiting.getFirst()), waiting);
              for (RecordedEvent event : applied) parked.remove(event.position());
              return new Retried(false, applied.size(), more && applied.size() == waiting.size());
            }));
  }

  /** The events that the store still has; the others are forgotten. */
  private List<RecordedEvent> stored(List<Parked> some) {
    List<RecordedEvent> stored = new ArrayList<>(some.size());
    for (Parked one : some) {
      RecordedEvent event = stored(one);
      if (event == null) {
        parked.remove(one.position());
      } else {
        stored.add(event);
      }
    }
    return stored;
  }

  /** After the store was restored to an earlier point there may be another event, or none. */
  private @Nullable RecordedEvent stored(Parked one) {
    return events.eventsAfter(one.position() - 1, 1).stream()
        .filter(
            event ->
                event.position() == one.position()
                    && event.importId().equals(one.importId())
                    && event.type().equals(one.type()))
        .findFirst()
        .orElse(null);
  }

  /**
   * The state of the import before: an import without a row may be deleted, which only its events
   * tell.
   */
  private S before(Generation<S> generation, long number, RecordedEvent event) {
    UUID id = event.importId();
    S row = projection.projection().states(number, List.of(id)).get(id);
    if (row != null) return row;
    Set<Long> discarded = parked.discarded(id);
    S state = projection.projection().absent();
    long sequence = -1;
    while (true) {
      List<RecordedEvent> some = events.ofImport(id, sequence, batchSize);
      for (RecordedEvent earlier : some) {
        sequence = earlier.sequence();
        if (sequence >= event.sequence()) return state;
        if (discarded.contains(earlier.position())) continue;
        state = generation.foldIfPossible(state, earlier);
      }
      if (some.size() < batchSize) return state;
    }
  }
}
