package com.sdragent.imports.events;

import com.sdragent.imports.events.ImportState.Absent;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.events.ImportState.Deleted;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The only fold: it computes what an import is after one more event. */
record NextState(ImportState before) implements ImportEvent.Visitor<ImportState> {

  /** Raised whenever the fold, or the state that it makes, is another than before. */
  static final int REVISION = 1;

  @Override
  public ImportState created(ImportCreated event) {
    if (!(before instanceof Absent)) throw cannotFollow(event);
    return new Active(
        event.importId(),
        event.orgId(),
        event.campaignId(),
        event.source(),
        event.fileName(),
        event.status(),
        event.totalRows(),
        event.occurredAt(),
        event.occurredAt());
  }

  @Override
  public ImportState statusChanged(ImportStatusChanged event) {
    Active now = active(event);
    return new Active(
        now.id(),
        now.orgId(),
        now.campaignId(),
        now.source(),
        now.fileName(),
        event.to(),
        now.totalRows(),
        now.createdAt(),
        event.occurredAt());
  }

  @Override
  public ImportState detailsChanged(ImportDetailsChanged event) {
    Active now = active(event);
    return new Active(
        now.id(),
        now.orgId(),
        now.campaignId(),
        event.source(),
        event.fileName(),
        now.status(),
        event.totalRows(),
        now.createdAt(),
        event.occurredAt());
  }

  @Override
  public ImportState campaignLinked(ImportCampaignLinked event) {
    return withCampaign(event.campaignId(), event);
  }

  @Override
  public ImportState campaignUnlinked(ImportCampaignUnlinked event) {
    return withCampaign(null, event);
  }

  @Override
  public ImportState deleted(ImportDeleted event) {
    Active now = active(event);
    return new Deleted(now.id(), now.orgId(), event.occurredAt());
  }

  @Override
  public ImportState unknown(UnknownImportEvent event) {
    throw cannotFollow(event);
  }

  private Active withCampaign(@Nullable UUID campaignId, ImportEvent event) {
    Active now = active(event);
    return new Active(
        now.id(),
        now.orgId(),
        campaignId,
        now.source(),
        now.fileName(),
        now.status(),
        now.totalRows(),
        now.createdAt(),
        event.occurredAt());
  }

  private Active active(ImportEvent event) {
    if (before instanceof Active active && active.id().equals(event.importId())) return active;
    throw cannotFollow(event);
  }

  private IllegalStateException cannotFollow(ImportEvent event) {
    return new IllegalStateException(
        "%s cannot follow: import %s is %s"
            .formatted(
                event instanceof UnknownImportEvent unknown
                    ? unknown.type()
                    : ImportEventType.of(event).logicalName(),
                event.importId(),
                before.getClass().getSimpleName().toLowerCase(Locale.ROOT)));
  }
}
