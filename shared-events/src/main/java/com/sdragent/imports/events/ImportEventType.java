package com.sdragent.imports.events;

import java.util.Optional;

/**
 * The name and revision under which each event is stored and published. A Java class may be
 * renamed; these may not. A changed shape takes the next revision, and the store's upcasters turn
 * the earlier ones into it.
 */
public enum ImportEventType {
  IMPORT_CREATED("ImportCreated", 1, ImportCreated.class),
  IMPORT_STATUS_CHANGED("ImportStatusChanged", 1, ImportStatusChanged.class),
  IMPORT_DETAILS_CHANGED("ImportDetailsChanged", 1, ImportDetailsChanged.class),
  IMPORT_CAMPAIGN_LINKED("ImportCampaignLinked", 1, ImportCampaignLinked.class),
  IMPORT_CAMPAIGN_UNLINKED("ImportCampaignUnlinked", 1, ImportCampaignUnlinked.class),
  IMPORT_DELETED("ImportDeleted", 1, ImportDeleted.class);

  private final String logicalName;
  private final int revision;
  private final Class<? extends ImportEvent> eventClass;

  ImportEventType(String logicalName, int revision, Class<? extends ImportEvent> eventClass) {
    this.logicalName = logicalName;
    this.revision = revision;
    this.eventClass = eventClass;
  }

  public String logicalName() {
    return logicalName;
  }

  /** The revision that this version of the service writes. */
  public int revision() {
    return revision;
  }

  public Class<? extends ImportEvent> eventClass() {
    return eventClass;
  }

  /**
   * The type of an event.
   *
   * @throws IllegalArgumentException for an {@link UnknownImportEvent}: it has none
   */
  public static ImportEventType of(ImportEvent event) {
    return switch (event) {
      case ImportCreated _ -> IMPORT_CREATED;
      case ImportStatusChanged _ -> IMPORT_STATUS_CHANGED;
      case ImportDetailsChanged _ -> IMPORT_DETAILS_CHANGED;
      case ImportCampaignLinked _ -> IMPORT_CAMPAIGN_LINKED;
      case ImportCampaignUnlinked _ -> IMPORT_CAMPAIGN_UNLINKED;
      case ImportDeleted _ -> IMPORT_DELETED;
      case UnknownImportEvent unknown ->
          throw new IllegalArgumentException("This version does not know " + unknown.type());
    };
  }

  /** The type that is stored as this name and revision, or nothing when this version knows none. */
  public static Optional<ImportEventType> named(String logicalName, int revision) {
    for (ImportEventType type : values()) {
      if (type.revision == revision && type.logicalName.equals(logicalName))
        return Optional.of(type);
    }
    return Optional.empty();
  }
}
