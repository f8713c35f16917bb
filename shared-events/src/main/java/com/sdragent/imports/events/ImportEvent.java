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
}
