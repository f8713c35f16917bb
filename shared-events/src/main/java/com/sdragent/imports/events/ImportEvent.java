package com.sdragent.imports.events;

import java.time.Instant;
import java.util.UUID;

/** Something that happened to an import. It is stored and published for ever, and never changed. */
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

  /** The result of the visitor's method for this kind of event. */
  <R> R accept(Visitor<R> visitor);

  /**
   * Handles every kind of event. An implementation does not compile against a version that has
   * another kind until it handles that kind too. A {@code switch} over the sealed type gives the
   * same from Java 21 on, but this works from Java 17 on.
   *
   * @param <R> the type of the result
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
