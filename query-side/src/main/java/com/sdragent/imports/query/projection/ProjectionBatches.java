package com.sdragent.imports.query.projection;

import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.RecordedEvent;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Applies the store's events to a projection, batch by batch. Rows and position are committed
 * together, so an event is applied once, whatever crashes, and the next node continues from there.
 *
 * <p>An event that cannot be applied is parked, with the later ones of its import behind it;
 * everything else goes on. A failure that may pass, such as a database that is away, is never a
 * reason to park.
 */
final class ProjectionBatches<S> {
  private final RunningProjection<S> projection;
  private final TransactionTemplate transaction;
  private final EventLog events;
  private final int batchSize;

  ProjectionBatches(
      RunningProjection<S> projection,
      TransactionTemplate transaction,
      EventLog events,
      int batchSize) {
    this.projection = projection;
    this.transaction = transaction;
    this.events = events;
    this.batchSize = batchSize;
  }

  /**
   * The result of one turn.
   *
   * @param position the position that the projection has reached
   * @param events the events that were applied
   * @param more whether more wait
   */
  record Turn(long position, List<RecordedEvent> events, boolean more) {}

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
      if (!Generation.isRefused(e)) throw e;
      // Some row cannot be stored: applying the events one by one shows which.
      return transaction.execute(_ -> applyNext(true));
    }
  }

  private @Nullable Turn applyNext(boolean oneByOne) {
    ProjectionTurn turn = ProjectionTurn.begin(projection.jdbc(), projection.name());
    if (turn == null) return null;
    ProjectionPosition.Last last = turn.last();
    List<RecordedEvent> following = following(last);
    if (following.isEmpty()) return new Turn(last.position(), List.of(), false);

    List<RecordedEvent> known = following.stream().takeWhile(RecordedEvents::isKnown).toList();
    if (known.isEmpty()) throw ProjectionStoppedException.unknown(following.getFirst());
    apply(turn, known, oneByOne);
    RecordedEvent newest = known.getLast();
    projection.position().moveAndTell(last, newest.position(), newest.eventId());
    // An unknown event behind them stops the projection in the next turn.
    boolean more = following.size() == batchSize || known.size() < following.size();
    return new Turn(newest.position(), known, more);
  }

  private void apply(ProjectionTurn turn, List<RecordedEvent> events, boolean oneByOne) {
    Set<UUID> blocked = Set.of();
    List<RecordedEvent> wanted = events;
    if (turn.anyParked()) {
      Set<UUID> ids = RecordedEvents.imports(events);
      blocked = projection.parked().blocked(ids);
      wanted = RecordedEvents.without(events, projection.parked().leftOut(ids));
    }
    List<RecordedEvent> applied =
        projection.live(turn.generations().live()).apply(wanted, blocked, oneByOne);
    Long shadow = turn.generations().shadow();
    if (shadow == null) return;
    // Events that the other cannot apply are parked for it alone; the live one goes on.
    projection
        .rebuilt(shadow)
        .apply(
            applied,
            projection.parkedByRebuild().blocked(RecordedEvents.imports(applied)),
            oneByOne);
  }

  /** The events after this position, once the store has been seen to still hold the one at it. */
  private List<RecordedEvent> following(ProjectionPosition.Last last) {
    if (last.eventId() == null) return events.eventsAfter(last.position(), batchSize);
    List<RecordedEvent> withLast = events.following(last.position(), batchSize + 1);
    if (!last.isFirstOf(withLast)) {
      throw new ProjectionStoppedException(
          "The event store does not hold the event "
              + last.eventId()
              + " at position "
              + last.position()
              + " that the read model was made from: it was restored to an earlier point. Restore a"
              + " later one, or rebuild the read model (POST /admin/projections/"
              + projection.name()
              + "/rebuild): the projection goes on from what that loaded");
    }
    return withLast.subList(1, withLast.size());
  }
}
