package com.sdragent.imports.query.imports;

import com.sdragent.imports.eventstore.RecordedEvent;
import com.sdragent.imports.eventstore.VisibleLog;
import com.sdragent.imports.query.web.Recipient;
import com.sdragent.imports.query.web.Seats;
import com.sdragent.imports.web.ApiError;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * GETs of an import that must not be older than an event that the client knows of, perhaps from
 * Kafka. A database that has the event shows it at once; one that follows another may get it later.
 */
final class LaterVersions {
  /** The first pause; each one after it is twice as long. */
  private static final Duration LOOK_AGAIN = Duration.ofMillis(50);

  private final ImportReads reads;
  private final VisibleLog log;
  private final Duration maxWait;
  private final Seats seats;

  /**
   * @param maxWait how long a request waits for the event
   * @param seats how many may wait at the same time
   */
  LaterVersions(ImportReads reads, VisibleLog log, Duration maxWait, Seats seats) {
    this.reads = reads;
    this.log = log;
    this.maxWait = maxWait;
    this.seats = seats;
  }

  /**
   * The organization's import as of now, once this event of it is there.
   *
   * @throws ApiError 503, when the event does not come in time, or too many wait
   */
  Optional<VersionedImport> find(Recipient recipient, UUID id, long sequence) {
    Optional<VersionedImport> found = reads.find(recipient, id);
    if (found.isPresent() && found.get().sequence() >= sequence) return found;
    // The import may be deleted, or the event left out of the rows. A read that begins after the
    // event was seen shows whatever there is to show of it.
    if (!isRecorded(recipient.organization(), id, sequence)) {
      try (Seats.Seat _ = seats.enter(recipient.organization())) {
        await(recipient.organization(), id, sequence);
      }
    }
    return reads.find(recipient, id);
  }

  private void await(UUID orgId, UUID id, long sequence) {
    long deadline = System.nanoTime() + maxWait.toNanos();
    for (Duration pause = LOOK_AGAIN; ; pause = pause.multipliedBy(2)) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        throw ApiError.unavailable("This node does not have that version of the import, try again");
      }
      pause(Math.min(left, pause.toNanos()));
      if (isRecorded(orgId, id, sequence)) return;
    }
  }

  private boolean isRecorded(UUID orgId, UUID id, long sequence) {
    List<RecordedEvent> events = log.ofImport(orgId, id, sequence - 1, 1);
    return !events.isEmpty() && events.getFirst().orgId().equals(orgId);
  }

  private static void pause(long nanos) {
    try {
      Thread.sleep(Duration.ofNanos(nanos));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ApiError.unavailable("The service is shutting down");
    }
  }
}
