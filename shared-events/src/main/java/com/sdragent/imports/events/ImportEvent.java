package com.sdragent.imports.events;

import java.time.Instant;
import java.util.UUID;

/** Something that happened to an import. Stored and published for ever, never changed. */
public sealed interface ImportEvent
    permits ImportCreated,
        ImportStatusChanged,
        ImportDetailsChanged,
        ImportCampaignLinked,
        ImportCampaignUnlinked,
        ImportDeleted,
        UnknownImportEvent {

  UUID importId();

  /** The organization that owns the import. */
  UUID orgId();

  /**
   * When it happened, in whole microseconds. Events that one command recorded share one time; each
   * command on an import has a later time than the one before it.
   */
  Instant occurredAt();

  /** What the visitor makes of an event of this kind. */
  <R> R accept(Visitor<R> visitor);

  /**
   * Makes something of every kind of event. Whoever implements it does not compile against a
   * version that has one kind more until that is handled as well: what a {@code switch} over the
   * sealed type gives from Java 21 on, and this from Java 17.
   *
   * @param <R> what is made
   */
  interface Visitor<R> {
    R created(ImportCreated event);

    R statusChanged(ImportStatusChanged event);

    R detailsChanged(ImportDetailsChanged event);

    R campaignLinked(ImportCampaignLinked event);

    R campaignUnlinked(ImportCampaignUnlinked event);

    R deleted(ImportDeleted event);

    R unknown(UnknownImportEvent event);
  }
}
