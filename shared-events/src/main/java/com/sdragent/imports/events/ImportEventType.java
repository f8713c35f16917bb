package com.sdragent.imports.events;

import java.util.Optional;

/**
 * The name under which each event is stored and published. A Java class may be renamed; these names
 * may not. A changed shape takes the next revision; {@link EventRevisions} says how the earlier
 * ones are read.
 */
public enum ImportEventType {
  IMPORT_CREATED("ImportCreated", ImportCreated.class),
  IMPORT_STATUS_CHANGED("ImportStatusChanged", ImportStatusChanged.class),
  IMPORT_DETAILS_CHANGED("ImportDetailsChanged", ImportDetailsChanged.class),
  IMPORT_CAMPAIGN_LINKED("ImportCampaignLinked", ImportCampaignLinked.class),
  IMPORT_CAMPAIGN_UNLINKED("ImportCampaignUnlinked", ImportCampaignUnlinked.class),
  IMPORT_DELETED("ImportDeleted", ImportDeleted.class);

  private static final TypeOf TYPE_OF = new TypeOf();

  private final String logicalName;
  private final Class<? extends ImportEvent> eventClass;

  ImportEventType(String logicalName, Class<? extends ImportEvent> eventClass) {
    this.logicalName = logicalName;
    this.eventClass = eventClass;
  }

  public String logicalName() {
    return logicalName;
  }

  /** The newest revision that this version knows. {@link #eventClass()} has its shape. */
  public int revision() {
    return EventRevisions.published().newest(this);
  }

  public Class<? extends ImportEvent> eventClass() {
    return eventClass;
  }

  /**
   * The type of an event.
   *
   * @throws IllegalArgumentException for an {@link UnknownImportEvent}, which has no type
   */
  public static ImportEventType of(ImportEvent event) {
    return event.accept(TYPE_OF);
  }

  /** The type with this name, or nothing when this version knows none. */
  public static Optional<ImportEventType> named(String logicalName) {
    for (ImportEventType type : values()) {
      if (type.logicalName.equals(logicalName)) return Optional.of(type);
    }
    return Optional.empty();
  }

  /**
   * Reads an event that was stored or published under this name and revision, whichever version of
   * the service wrote it. Unknown properties are ignored.
   *
   * @param json in UTF-8
   * @return the event, or nothing when its type or revision is newer than this version
   * @throws IllegalArgumentException when the text is not what it is said to be; its cause, if it
   *     has one, says where
   */
  public static Optional<ImportEvent> read(String logicalName, int revision, byte[] json) {
    return EventRevisions.published().read(logicalName, revision, json);
  }

  private static final class TypeOf implements ImportEvent.Visitor<ImportEventType> {
    @Override
    public ImportEventType created(ImportCreated event) {
      return IMPORT_CREATED;
    }

    @Override
    public ImportEventType statusChanged(ImportStatusChanged event) {
      return IMPORT_STATUS_CHANGED;
    }

    @Override
    public ImportEventType detailsChanged(ImportDetailsChanged event) {
      return IMPORT_DETAILS_CHANGED;
    }

    @Override
    public ImportEventType campaignLinked(ImportCampaignLinked event) {
      return IMPORT_CAMPAIGN_LINKED;
    }

    @Override
    public ImportEventType campaignUnlinked(ImportCampaignUnlinked event) {
      return IMPORT_CAMPAIGN_UNLINKED;
    }

    @Override
    public ImportEventType deleted(ImportDeleted event) {
      return IMPORT_DELETED;
    }

    @Override
    public ImportEventType unknown(UnknownImportEvent event) {
      throw new IllegalArgumentException("This version does not know " + event.type());
    }
  }
}
