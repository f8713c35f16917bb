package com.sdragent.imports.query.view;

import com.sdragent.imports.events.ImportEvent;
import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.eventstore.PostgresEventStorageEngine;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Reads that see every write that was answered before they began, on any node: they learn the
 * store's head after they began and are answered once the projection has reached it (the ReadIndex
 * of Raft, in SQL). Who waits holds no connection.
 */
final class ImportReads {
  private static final String HEAD =
      "coalesce((select position from domain_event order by position desc limit 1), 0)";

  private static final String POSITIONS =
      "select " + HEAD + ", p.position from projection p where p.name = 'imports'";

  private static final String POSITIONS_AND_ROW =
      "select "
          + HEAD
          + ", p.position, v.id, v.org_id, v.campaign_id, v.source, v.file_name, v.status,"
          + " v.total_rows, v.created_at, v.updated_at"
          + " from projection p left join import_view v on v.id = ? and v.org_id = ?"
          + " where p.name = 'imports'";

  private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

  private final JdbcTemplate jdbc;
  private final PostgresEventStorageEngine store;
  private final ProjectionProgress progress;
  private final Duration maxWait;

  ImportReads(
      JdbcTemplate jdbc,
      PostgresEventStorageEngine store,
      ProjectionProgress progress,
      Duration maxWait) {
    this.jdbc = jdbc;
    this.store = store;
    this.progress = progress;
    this.maxWait = maxWait;
  }

  /** The organization's import as of now, from its events when the projection is too far behind. */
  Optional<Active> find(UUID orgId, UUID id) {
    Read first = read(orgId, id);
    Read last = caughtUp(first.positions().head(), first, Read::positions, () -> read(orgId, id));
    return last == null ? fromEvents(orgId, id) : Optional.ofNullable(last.row());
  }

  /**
   * Waits until a list would see all that was written before.
   *
   * @return how many events it would still miss when the time was up, else 0
   */
  long awaitCurrent() {
    Positions first = positions();
    Positions last = caughtUp(first.head(), first, now -> now, this::positions);
    return last == null ? Math.max(0, first.head() - positions().projected()) : 0;
  }

  /**
   * The first answer that has reached the head, or null when the time is up. What the database says
   * decides: after its crash the projection may have gone back behind what this node heard of it.
   */
  private <T> @Nullable T caughtUp(
      long head, T first, Function<T, Positions> positions, Supplier<T> again) {
    long deadline = System.nanoTime() + maxWait.toNanos();
    T answer = first;
    while (positions.apply(answer).projected() < head) {
      progress.is(positions.apply(answer).projected());
      Duration left = Duration.ofNanos(deadline - System.nanoTime());
      if (left.isNegative()) return null;
      // Looking by itself now and then, because a notification may have been lost.
      progress.await(head, left.compareTo(LOOK_AGAIN) < 0 ? left : LOOK_AGAIN);
      answer = again.get();
    }
    return answer;
  }

  /** The store's head and the projection's position, from one snapshot. */
  Positions positions() {
    return jdbc.query(POSITIONS, (row, _) -> new Positions(row.getLong(1), row.getLong(2)))
        .getFirst();
  }

  private Read read(UUID orgId, UUID id) {
    return jdbc.query(
            POSITIONS_AND_ROW,
            (row, _) ->
                new Read(
                    new Positions(row.getLong(1), row.getLong(2)),
                    row.getString(3) == null ? null : ImportRows.read(row, 3)),
            id,
            orgId)
        .getFirst();
  }

  private Optional<Active> fromEvents(UUID orgId, UUID id) {
    ImportState state = ImportState.absent();
    var events = store.readEvents(id.toString());
    while (events.hasNext()) {
      if (!(events.next().getPayload() instanceof ImportEvent event)) {
        throw new ProjectionStoppedException("Import " + id + " has an event of an unknown type");
      }
      state = state.after(event);
    }
    return state instanceof Active active && active.orgId().equals(orgId)
        ? Optional.of(active)
        : Optional.empty();
  }

  /** Where store and projection are. */
  record Positions(long head, long projected) {
    long lag() {
      return head - projected;
    }
  }

  private record Read(Positions positions, @Nullable Active row) {}
}
