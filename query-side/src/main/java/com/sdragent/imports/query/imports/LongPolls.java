package com.sdragent.imports.query.imports;

import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.events.ImportStatus;
import com.sdragent.imports.eventstore.RecordedEvent;
import com.sdragent.imports.eventstore.VisibleLog;
import com.sdragent.imports.eventstore.sessions.VisibleRows;
import com.sdragent.imports.query.projection.ProjectionProgress;
import com.sdragent.imports.query.projection.parked.ParkedEvents;
import com.sdragent.imports.query.web.Recipient;
import com.sdragent.imports.query.web.Seats;
import com.sdragent.imports.web.ApiError;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** GETs of an import that wait for its status. A waiting request holds no connection. */
final class LongPolls {
  private static final Duration POLL_AGAIN = Duration.ofSeconds(1);
  private static final long POLL_PAUSE_MILLIS = 10;

  private final ImportReads reads;
  private final VisibleLog log;
  private final ParkedEvents parked;
  private final VisibleRows visible;
  private final ProjectionProgress progress;
  private final Duration lookAgain;
  private final Seats seats;

  /**
   * @param lookAgain how long a request rests at most when nothing wakes it, if that is more than a
   *     second
   */
  LongPolls(
      ImportReads reads,
      VisibleLog log,
      ParkedEvents parked,
      VisibleRows visible,
      ProjectionProgress progress,
      Duration lookAgain,
      Seats seats) {
    this.reads = reads;
    this.log = log;
    this.parked = parked;
    this.visible = visible;
    this.progress = progress;
    this.lookAgain = lookAgain;
    this.seats = seats;
  }

  /**
   * The import once it has come to such a status, or as it is when the time is up or the node
   * stops. Looks again when the projection has moved on, on whatever node, yet not more often than
   * the pause says; a status that it went through between two looks is found in its events.
   *
   * @throws ApiError 503, when as many requests wait as may; 401, when the credential no longer
   *     holds
   */
  Optional<VersionedImport> findOnce(
      Predicate<ImportStatus> reached, Duration limit, Recipient recipient, UUID id) {
    long deadline = System.nanoTime() + limit.toNanos();
    long position = progress.position();
    Optional<VersionedImport> found = reads.find(recipient, id);
    if (found.isEmpty() || reached.test(found.get().state().status()) || limit.isZero())
      return found;
    try (var _ = seats.enter(recipient.organization())) {
      return poll(reached, deadline, recipient, position, found.get());
    }
  }

  private Optional<VersionedImport> poll(
      Predicate<ImportStatus> reached,
      long deadline,
      Recipient recipient,
      long firstPosition,
      VersionedImport first) {
    long position = firstPosition;
    VersionedImport seen = first;
    while (true) {
      awaitChange(position, deadline, recipient);
      if (!pause(deadline)) return Optional.of(seen);
      position = progress.position();
      Optional<VersionedImport> found = reads.find(recipient, seen.state().id());
      Passed passed = found.equals(Optional.of(seen)) ? Passed.NOTHING : since(seen, reached);
      if (passed.at() != null) return Optional.of(passed.at());
      if (passed.more() == null) {
        if (found.isEmpty() || reached.test(found.get().state().status())) return found;
        if (deadline - System.nanoTime() <= 0 || !progress.isRunning()) return found;
      }
      seen = passed.more() == null ? found.get() : passed.more();
    }
  }

  /**
   * Waits at most until it is time to look without a wake-up, because the projection may have
   * stopped.
   */
  private void awaitChange(long position, long deadline, Recipient recipient) {
    long again = Math.max(POLL_AGAIN.toNanos(), lookAgain.toNanos());
    long end = Math.min(deadline, System.nanoTime() + again);
    while (true) {
      if (!recipient.isThere()) throw ApiError.unauthenticated();
      long left = end - System.nanoTime();
      boolean goesOn = progress.isRunning() && !Thread.currentThread().isInterrupted();
      if (left <= 0 || progress.position() != position || !goesOn) return;
      progress.awaitChange(
          position, Duration.ofNanos(Math.min(left, Recipient.LOOK_AGAIN.toNanos())));
    }
  }

  /** Leaves the others some time, and returns whether nobody interrupted that. */
  private static boolean pause(long deadline) {
    long left = (deadline - System.nanoTime()) / 1_000_000;
    try {
      Thread.sleep(Math.clamp(left, 0, POLL_PAUSE_MILLIS));
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /**
   * What an import went through between two looks.
   *
   * @param at the import when it first came to a status that is waited for, or null
   * @param more the import after so many events that others may follow, or null
   */
  private record Passed(@Nullable VersionedImport at, @Nullable VersionedImport more) {
    static final Passed NOTHING = new Passed(null, null);
  }

  private Passed since(VersionedImport seen, Predicate<ImportStatus> reached) {
    UUID orgId = seen.state().orgId();
    UUID id = seen.state().id();
    Set<Long> discarded = parked.discarded(visible, orgId, id);
    List<RecordedEvent> events =
        log.ofImport(orgId, id, seen.state().updatedAt(), ImportReads.EVENTS_AT_ONCE);
    ImportState state = seen.state();
    long applied = seen.sequence();
    for (RecordedEvent event : events) {
      if (discarded.contains(event.position())) continue;
      ImportState next = FoldedImports.next(state, event);
      if (!next.equals(state)) applied = event.sequence();
      state = next;
      if (state instanceof Active active && reached.test(active.status())) {
        return new Passed(new VersionedImport(active, applied), null);
      }
    }
    return events.size() == ImportReads.EVENTS_AT_ONCE && state instanceof Active active
        ? new Passed(null, new VersionedImport(active, applied))
        : Passed.NOTHING;
  }
}
