package com.sdragent.imports.query.summary;

import com.sdragent.imports.events.ImportCreated;
import com.sdragent.imports.events.ImportEvent;
import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.events.ImportStatus;
import com.sdragent.imports.events.ImportStatusChanged;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An import as it counts.
 *
 * @param now what it is
 * @param last what has happened to it since it was read from its row, or null
 */
record SummaryState(ImportState now, @Nullable Happened last) {
  static final SummaryState ABSENT = new SummaryState(ImportState.absent(), null);

  /**
   * What happened to an import on a day, while it had one source and campaign.
   *
   * @param createdAs the status that it was created with, or null when it was not created then
   * @param completed how often it came to that status
   * @param failed how often it came to that status
   * @param earlier what happened before
   */
  record Happened(
      LocalDate day,
      String source,
      @Nullable UUID campaignId,
      @Nullable ImportStatus createdAs,
      long completed,
      long failed,
      @Nullable Happened earlier) {}

  /**
   * The state after one more event.
   *
   * @throws IllegalStateException when the event cannot follow
   */
  SummaryState next(ImportEvent event) {
    ImportState next = now.next(event);
    boolean created = event instanceof ImportCreated;
    if (!(next instanceof Active active) || !(created || event instanceof ImportStatusChanged)) {
      return new SummaryState(next, last);
    }
    ImportStatus createdAs = created ? active.status() : null;
    long completed = active.status() == ImportStatus.COMPLETED ? 1 : 0;
    long failed = active.status() == ImportStatus.FAILED ? 1 : 0;
    if (!created && completed + failed == 0) return new SummaryState(next, last);
    LocalDate day = event.occurredAt().atZone(ZoneOffset.UTC).toLocalDate();
    Happened earlier = last;
    // However often it comes and goes on a day, that is one more number and not one more object.
    if (earlier != null
        && earlier.day().equals(day)
        && earlier.source().equals(active.source())
        && Objects.equals(earlier.campaignId(), active.campaignId())) {
      createdAs = earlier.createdAs();
      completed += earlier.completed();
      failed += earlier.failed();
      earlier = earlier.earlier();
    }
    return new SummaryState(
        next,
        new Happened(
            day, active.source(), active.campaignId(), createdAs, completed, failed, earlier));
  }
}
