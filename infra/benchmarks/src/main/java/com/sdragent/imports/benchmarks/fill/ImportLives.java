package com.sdragent.imports.benchmarks.fill;

import com.sdragent.imports.events.ImportCampaignLinked;
import com.sdragent.imports.events.ImportCampaignUnlinked;
import com.sdragent.imports.events.ImportCreated;
import com.sdragent.imports.events.ImportDeleted;
import com.sdragent.imports.events.ImportDetailsChanged;
import com.sdragent.imports.events.ImportEvent;
import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.events.ImportStatus;
import com.sdragent.imports.events.ImportStatusChanged;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Imports of many organizations that are created, changed some four times, and left alone or
 * deleted, many of them at a time. A few organizations have most of them. Whoever asks twice with
 * one seed gets the same ones.
 */
final class ImportLives {
  /** Of each hundred events, so many imports are still going to be changed. */
  private static final int EVENTS_FOR_EACH_OPEN = 100;

  private static final int LEAST_OPEN = 100;

  /** The first organization of five thousand has some six of a hundred imports. */
  private static final double SKEW = 3;

  private static final int MOST_CHANGES = 7;
  private static final int CAMPAIGNS = 50;
  private static final String[] SOURCES = {
    "salesforce", "hubspot", "csv_upload", "pipedrive", "webhook", "zapier"
  };
  private static final String[] LABELS = {
    "Salesforce", "HubSpot", "CSV Upload", "Pipedrive", "Webhook", "Zapier"
  };

  private final SplittableRandom random;
  private final UUID[] organizations;
  private final @Nullable Life[] open;

  /** An import that is still going to be changed. */
  private static final class Life {
    private ImportState state = ImportState.absent();
    private long sequence = -1;
    private int changes;
    private boolean endsDeleted;
  }

  /**
   * An event of an import.
   *
   * @param sequence its number among the import's events, from 0
   * @param after what the import is after it
   * @param isLast whether it is the import's last event
   */
  record Happened(ImportEvent event, long sequence, ImportState after, boolean isLast) {}

  /**
   * @param events how many will be asked for
   * @param first the organization that has most of the imports
   * @param organizations how many there are
   */
  ImportLives(long events, UUID first, int organizations, long seed) {
    random = new SplittableRandom(seed);
    this.organizations = new UUID[organizations];
    this.organizations[0] = first;
    for (int i = 1; i < organizations; i++) this.organizations[i] = id(random);
    int most = Math.toIntExact(Math.min(Integer.MAX_VALUE / 2, events / EVENTS_FOR_EACH_OPEN));
    open = new Life[Math.max(LEAST_OPEN, most)];
  }

  /** What the next command at this time does: one event, or two of one import. */
  List<Happened> next(Instant at) {
    int place = random.nextInt(open.length);
    @Nullable Life life = open[place];
    if (life == null) {
      life = new Life();
      open[place] = life;
      life.changes = random.nextInt(MOST_CHANGES + 1);
      life.endsDeleted = random.nextInt(50) == 0;
    } else {
      life.changes--;
    }
    boolean isLast = life.changes == 0;
    if (isLast) open[place] = null;
    var happened = new ArrayList<Happened>(2);
    List<ImportEvent> events = decided(life, at, isLast);
    for (ImportEvent event : events) {
      life.state = life.state.next(event);
      life.sequence++;
      boolean isLastOfAll = isLast && happened.size() == events.size() - 1;
      happened.add(new Happened(event, life.sequence, life.state, isLastOfAll));
    }
    return happened;
  }

  /** What the imports are that were not brought to their end, as the last event of each. */
  List<Happened> unfinished() {
    var left = new ArrayList<Happened>();
    for (Life life : open) {
      if (life != null && life.state instanceof Active active) {
        // Nobody asks for the event, which was told before.
        var last = new ImportDeleted(active.id(), active.orgId(), active.updatedAt());
        left.add(new Happened(last, life.sequence, active, true));
      }
    }
    return left;
  }

  private List<ImportEvent> decided(Life life, Instant at, boolean isLast) {
    if (!(life.state instanceof Active now)) return List.of(created(at));
    if (isLast && life.endsDeleted) {
      return List.of(new ImportDeleted(now.id(), now.orgId(), at));
    }
    return switch (random.nextInt(10)) {
      case 0, 1, 2, 3 -> List.of(details(now, at));
      case 4, 5, 6 -> List.of(status(now, at));
      case 7, 8 -> List.of(campaign(now, at));
      default -> List.of(details(now, at), status(now, at));
    };
  }

  private ImportEvent created(Instant at) {
    int organization = (int) (organizations.length * Math.pow(random.nextDouble(), SKEW));
    int source = random.nextInt(SOURCES.length);
    UUID owner = organizations[organization];
    return new ImportCreated(
        timeOrderedId(at),
        owner,
        random.nextInt(3) == 0 ? campaignOf(owner) : null,
        SOURCES[source],
        LABELS[source],
        "leads-" + random.nextInt(100_000) + ".csv",
        ImportStatus.PENDING,
        random.nextInt(100_000),
        at);
  }

  private ImportEvent details(Active now, Instant at) {
    long rows = now.totalRows() + 1 + random.nextInt(1000);
    return new ImportDetailsChanged(
        now.id(), now.orgId(), now.source(), null, now.fileName(), rows, at);
  }

  private ImportEvent status(Active now, Instant at) {
    ImportStatus next =
        switch (now.status()) {
          case PENDING, COMPLETED, FAILED -> ImportStatus.PROCESSING;
          case PROCESSING -> random.nextInt(10) == 0 ? ImportStatus.FAILED : ImportStatus.COMPLETED;
        };
    return new ImportStatusChanged(now.id(), now.orgId(), now.status(), next, at);
  }

  private ImportEvent campaign(Active now, Instant at) {
    UUID linked = now.campaignId();
    UUID next = campaignOf(now.orgId());
    return Objects.equals(linked, next)
        ? new ImportCampaignUnlinked(now.id(), now.orgId(), next, at)
        : new ImportCampaignLinked(now.id(), now.orgId(), next, at);
  }

  private UUID campaignOf(UUID organization) {
    return id(new SplittableRandom(organization.hashCode() + (long) random.nextInt(CAMPAIGNS)));
  }

  /** Any id. */
  static UUID id(SplittableRandom random) {
    return new UUID(
        (random.nextLong() & ~0xF000L) | 0x4000L, (random.nextLong() >>> 2) | Long.MIN_VALUE);
  }

  /** An id of version 7, as the service gives them. */
  UUID timeOrderedId(Instant at) {
    return new UUID(
        (at.toEpochMilli() << 16) | 0x7000L | random.nextInt(1 << 12),
        (random.nextLong() >>> 2) | Long.MIN_VALUE);
  }
}
