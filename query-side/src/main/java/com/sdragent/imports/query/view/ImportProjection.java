package com.sdragent.imports.query.view;

import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.RecordedEvent;
import com.sdragent.imports.query.view.ParkedEvents.Parked;
import com.sdragent.imports.web.ApiError;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
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
  private static final int RETRIED_AT_ONCE = 500;

  /** Whatever the database's default is: what others commit while a lock is waited for counts. */
  private static final String EACH_ITS_SNAPSHOT =
      "set transaction isolation level read committed; ";

  /** A node that freezes with the projection's lock is cut off, so that another can go on. */
  private static final String NOT_FROZEN = "set local idle_in_transaction_session_timeout = '1s'";

  private final JdbcTemplate jdbc;
  private final TransactionTemplate transaction;
  private final EventLog events;
  private final ImportTable table;
  private final ProjectionPosition position;
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
    this.position = new ProjectionPosition(jdbc);
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

  /** Which generations events are applied to, and what was applied last. */
  private record Place(
      long generation, @Nullable Long shadow, ProjectionPosition.Last last, boolean anyParked) {}

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
    jdbc.execute(EACH_ITS_SNAPSHOT + "set local synchronous_commit = off; " + NOT_FROZEN);
    Place place = place("for update skip locked");
    if (place == null) return null;
    long reached = place.last().position();
    List<RecordedEvent> following = following(place.last());
    if (following.isEmpty()) return new Turn(reached, 0, false);

    List<RecordedEvent> known = following.stream().takeWhile(Fold::isKnown).toList();
    if (known.isEmpty()) throw new UnknownEventException(reached + 1);
    apply(place, known, oneByOne);
    RecordedEvent newest = known.getLast();
    position.move(place.last(), newest.position(), newest.eventId());
    jdbc.query("select pg_notify('import_view', ?)", row -> {}, Long.toString(newest.position()));
    return new Turn(newest.position(), known.size(), following.size() == batchSize);
  }

  private void apply(Place place, List<RecordedEvent> events, boolean oneByOne) {
    Set<UUID> ids = new HashSet<>();
    for (RecordedEvent event : events) ids.add(event.importId());
    Set<UUID> blocked = Set.of();
    List<RecordedEvent> wanted = events;
    if (place.anyParked()) {
      blocked = parked.blocked(ids);
      Map<Long, UUID> leftOut = parked.leftOut(ids);
      wanted =
          events.stream()
              .filter(event -> !event.importId().equals(leftOut.get(event.position())))
              .toList();
    }
    List<RecordedEvent> applied =
        new Generation(jdbc, place.generation(), parked).apply(wanted, blocked, oneByOne);
    if (place.shadow() == null) return;
    // What the other cannot take is parked for it alone: the live one goes its way.
    Generation.rebuilt(jdbc, place.shadow())
        .apply(applied, new ParkedByRebuild(jdbc).blocked(ids), oneByOne);
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
              jdbc.execute(EACH_ITS_SNAPSHOT + NOT_FROZEN);
              Place place = place("for update");
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
              if (waiting.isEmpty()) return new Retried(0, first.size() == RETRIED_AT_ONCE);
              List<RecordedEvent> applied =
                  new Generation(jdbc, place.generation(), parked)
                      .follow(before(place.generation(), waiting.getFirst()), waiting);
              for (RecordedEvent event : applied) parked.remove(event.position());
              return new Retried(
                  applied.size(),
                  applied.size() == waiting.size() && first.size() == RETRIED_AT_ONCE);
            }));
  }

  /** What the import was before: one without a row may be deleted, which only its events tell. */
  private ImportState before(long generation, RecordedEvent event) {
    UUID id = event.importId();
    ImportState row = table.states(generation, List.of(id)).get(id);
    if (row != null) return row;
    Set<Long> discarded = parked.discarded(id);
    ImportState state = ImportState.absent();
    long sequence = -1;
    while (true) {
      List<RecordedEvent> some = events.ofImport(id, sequence, batchSize);
      for (RecordedEvent earlier : some) {
        sequence = earlier.sequence();
        if (sequence >= event.sequence()) return state;
        if (discarded.contains(earlier.position())) continue;
        state = Fold.afterIfPossible(state, earlier);
      }
      if (some.size() < batchSize) return state;
    }
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

  /** With the lock that makes this the only one to move the projection, or null without it. */
  private @Nullable Place place(String lock) {
    return jdbc
        .query(
            "select generation, shadow_generation from projection where name = ? " + lock,
            (row, _) ->
                new Place(
                    row.getLong(1), row.getObject(2, Long.class), position.last(), parked.any()),
            NAME)
        .stream()
        .findFirst()
        .orElse(null);
  }

  /** The events after this position, once the store has been seen to still hold the one at it. */
  private List<RecordedEvent> following(ProjectionPosition.Last last) {
    if (last.eventId() == null) return events.after(last.position(), batchSize);
    List<RecordedEvent> withLast = events.after(last.position() - 1, batchSize + 1);
    if (!last.isFirstOf(withLast)) {
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
}
