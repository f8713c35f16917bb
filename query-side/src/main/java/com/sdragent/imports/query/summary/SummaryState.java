package com.sdragent.imports.query.summary;

import com.sdragent.imports.events.ImportCampaignLinked;
import com.sdragent.imports.events.ImportCampaignUnlinked;
import com.sdragent.imports.events.ImportCreated;
import com.sdragent.imports.events.ImportDeleted;
import com.sdragent.imports.events.ImportDetailsChanged;
import com.sdragent.imports.events.ImportEvent;
import com.sdragent.imports.events.ImportStatus;
import com.sdragent.imports.events.ImportStatusChanged;
import com.sdragent.imports.events.UnknownImportEvent;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An import as it counts. Of its fields it has those alone by which imports are counted, so that a
 * field more is none of its business.
 *
 * @param owned whose it is, or null before its first event
 * @param now what it counts as, or null while there is no such import
 * @param last what has happened to it since it was read from its row or written, or null
 */
record SummaryState(@Nullable Owned owned, @Nullable Counted now, @Nullable Happened last)
    implements ImportEvent.Visitor<SummaryState> {
  static final SummaryState ABSENT = new SummaryState(null, null, null);

  /** An import and the organization that it belongs to. */
  record Owned(UUID importId, UUID organization) {
    Owned {
      require("id", importId);
      require("org_id", organization);
    }
  }

  /** What an import counts as. */
  record Counted(ImportStatus status, String source, @Nullable UUID campaignId, long totalRows) {
    Counted {
      require("status", status);
      require("source", source);
    }
  }

  /** A field that is missing in an event is read as null. */
  private static void require(String field, @Nullable Object value) {
    if (value == null) throw new IllegalStateException("An import without " + field);
  }

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
   * What is counted apart.
   *
   * @param day of what happened then, or null of what there is
   */
  record Cell(
      UUID organization,
      ImportStatus status,
      String source,
      @Nullable UUID campaignId,
      @Nullable LocalDate day) {

    /** A hash: nobody finds two that share it, in one organization or in two. */
    UUID id() {
      String text = organization + " " + status + " " + day + " " + campaignId + " " + source;
      try {
        byte[] hash =
            MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        ByteBuffer bytes = ByteBuffer.wrap(hash);
        return new UUID(bytes.getLong(), bytes.getLong());
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("Every Java has SHA-256", e);
      }
    }
  }

  /** What the counts of a cell gain. */
  record Gain(long imports, BigDecimal totalRows, long created, long completed, long failed) {
    private static Gain happened(long created, long completed, long failed) {
      return new Gain(0, BigDecimal.ZERO, created, completed, failed);
    }

    private Gain plus(Gain more) {
      return new Gain(
          imports + more.imports,
          totalRows.add(more.totalRows),
          created + more.created,
          completed + more.completed,
          failed + more.failed);
    }

    boolean isNone() {
      return imports == 0
          && totalRows.signum() == 0
          && created == 0
          && completed == 0
          && failed == 0;
    }
  }

  /** The state of an import as its row tells it. */
  static SummaryState of(UUID importId, UUID organization, Counted now) {
    return new SummaryState(new Owned(importId, organization), now, null);
  }

  /**
   * Adds to the cells what they gain between this state and a later one of the same import.
   *
   * @param kept the first day that is counted
   */
  void addGains(SummaryState after, LocalDate kept, Map<Cell, Gain> gains) {
    if (after.owned == null) return;
    UUID organization = after.owned.organization();
    add(-1, organization, kept, gains);
    after.add(1, organization, kept, gains);
  }

  private void add(int sign, UUID organization, LocalDate kept, Map<Cell, Gain> gains) {
    if (now != null) {
      BigDecimal rows = BigDecimal.valueOf(now.totalRows()).multiply(BigDecimal.valueOf(sign));
      gains.merge(
          new Cell(organization, now.status(), now.source(), now.campaignId(), null),
          new Gain(sign, rows, 0, 0, 0),
          Gain::plus);
    }
    for (Happened it = last; it != null; it = it.earlier()) {
      if (it.day().isBefore(kept)) continue;
      add(it.createdAs(), Gain.happened(sign, 0, 0), organization, it, gains);
      add(
          ImportStatus.COMPLETED,
          Gain.happened(0, sign * it.completed(), 0),
          organization,
          it,
          gains);
      add(ImportStatus.FAILED, Gain.happened(0, 0, sign * it.failed()), organization, it, gains);
    }
  }

  private static void add(
      @Nullable ImportStatus status,
      Gain gain,
      UUID organization,
      Happened it,
      Map<Cell, Gain> gains) {
    if (status == null) return;
    var cell = new Cell(organization, status, it.source(), it.campaignId(), it.day());
    gains.merge(cell, gain, Gain::plus);
  }

  @Override
  public SummaryState created(ImportCreated event) {
    if (owned != null) throw cannotFollow(event);
    var created =
        new Counted(event.status(), event.source(), event.campaignId(), event.totalRows());
    return new SummaryState(new Owned(event.importId(), event.orgId()), created, last)
        .happened(event.occurredAt(), event.status());
  }

  @Override
  public SummaryState statusChanged(ImportStatusChanged event) {
    Counted before = counted(event);
    return with(new Counted(event.to(), before.source(), before.campaignId(), before.totalRows()))
        .happened(event.occurredAt(), null);
  }

  @Override
  public SummaryState detailsChanged(ImportDetailsChanged event) {
    Counted before = counted(event);
    return with(
        new Counted(before.status(), event.source(), before.campaignId(), event.totalRows()));
  }

  @Override
  public SummaryState campaignLinked(ImportCampaignLinked event) {
    return with(counted(event), event.campaignId());
  }

  @Override
  public SummaryState campaignUnlinked(ImportCampaignUnlinked event) {
    return with(counted(event), null);
  }

  @Override
  public SummaryState deleted(ImportDeleted event) {
    counted(event);
    return with(null);
  }

  @Override
  public SummaryState unknown(UnknownImportEvent event) {
    throw cannotFollow(event);
  }

  private SummaryState with(Counted before, @Nullable UUID campaignId) {
    return with(new Counted(before.status(), before.source(), campaignId, before.totalRows()));
  }

  private SummaryState with(@Nullable Counted next) {
    return new SummaryState(owned, next, last);
  }

  /** This state, with its status counted on the day when it came to it. */
  private SummaryState happened(Instant at, @Nullable ImportStatus createdAs) {
    Counted counted = Objects.requireNonNull(now);
    long completed = counted.status() == ImportStatus.COMPLETED ? 1 : 0;
    long failed = counted.status() == ImportStatus.FAILED ? 1 : 0;
    if (createdAs == null && completed + failed == 0) return this;
    LocalDate day = at.atZone(ZoneOffset.UTC).toLocalDate();
    Happened earlier = last;
    // However often it comes and goes on a day, that is one more number and not one more object.
    if (earlier != null
        && earlier.day().equals(day)
        && earlier.source().equals(counted.source())
        && Objects.equals(earlier.campaignId(), counted.campaignId())) {
      createdAs = earlier.createdAs();
      completed += earlier.completed();
      failed += earlier.failed();
      earlier = earlier.earlier();
    }
    var happened =
        new Happened(
            day, counted.source(), counted.campaignId(), createdAs, completed, failed, earlier);
    return new SummaryState(owned, now, happened);
  }

  private Counted counted(ImportEvent event) {
    if (now != null && owned != null && owned.importId().equals(event.importId())) return now;
    throw cannotFollow(event);
  }

  private IllegalStateException cannotFollow(ImportEvent event) {
    return new IllegalStateException(
        "%s cannot follow: import %s is %s"
            .formatted(
                event.getClass().getSimpleName(),
                event.importId(),
                owned == null ? "absent" : now == null ? "deleted" : "active"));
  }
}
