package com.sdragent.imports.command.domain;

import static org.axonframework.modelling.command.AggregateLifecycle.apply;
import static org.axonframework.modelling.command.AggregateLifecycle.getVersion;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.sdragent.imports.events.ImportCampaignLinked;
import com.sdragent.imports.events.ImportCampaignUnlinked;
import com.sdragent.imports.events.ImportCreated;
import com.sdragent.imports.events.ImportDeleted;
import com.sdragent.imports.events.ImportDetailsChanged;
import com.sdragent.imports.events.ImportEvent;
import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.events.ImportState.Deleted;
import com.sdragent.imports.events.ImportStatusChanged;
import com.sdragent.imports.eventstore.EventSerializer.LogicalType;
import com.sdragent.imports.eventstore.LastEvent;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.axonframework.commandhandling.CommandHandler;
import org.axonframework.eventsourcing.EventSourcingHandler;
import org.axonframework.messaging.annotation.MessageIdentifier;
import org.axonframework.modelling.command.AggregateCreationPolicy;
import org.axonframework.modelling.command.AggregateIdentifier;
import org.axonframework.modelling.command.CreationPolicy;
import org.axonframework.serialization.UnknownSerializedType;
import org.jspecify.annotations.Nullable;

/**
 * An import. It decides what happens on a command, by its own state and the content of the command
 * alone. All events of one command carry one time, later than the time of the command before it.
 */
public class Import {
  /** The name and revision under which a snapshot is stored. */
  public static final LogicalType SNAPSHOT =
      new LogicalType("Import", ImportState.REVISION, Import.class);

  private ImportState state = ImportState.absent();
  private @Nullable UUID lastEvent;

  /** An import without events, for Axon to fill. */
  Import() {}

  /** An import from its snapshot. */
  @JsonCreator
  static Import restored(
      @JsonProperty("active") @Nullable Active active,
      @JsonProperty("deleted") @Nullable Deleted deleted,
      @JsonProperty("last_event") @Nullable UUID lastEvent) {
    var restored = new Import();
    restored.lastEvent = lastEvent;
    if (active != null) restored.state = active;
    if (deleted != null) restored.state = deleted;
    return restored;
  }

  @CommandHandler
  @CreationPolicy(AggregateCreationPolicy.ALWAYS)
  DecidedImport create(CreateImport command) {
    return applied(
        List.of(
            new ImportCreated(
                command.importId(),
                command.orgId(),
                command.campaignId(),
                command.source().normalized(),
                command.source().asSent(),
                command.fileName(),
                command.status(),
                command.totalRows(),
                micros(command.at()))));
  }

  @CommandHandler
  DecidedImport update(UpdateImport command) {
    Active now = active(command.importId(), command.orgId());
    require(command.version(), now);
    Instant at = nextTime(now, command.at());
    var events = new ArrayList<ImportEvent>(3);

    SourceLabel source = command.source();
    boolean sourceChanges = source != null && !source.normalized().equals(now.source());
    String fileName = command.fileName().valueFrom(now.fileName());
    long totalRows = command.totalRows() == null ? now.totalRows() : command.totalRows();
    if (sourceChanges
        || !Objects.equals(fileName, now.fileName())
        || totalRows != now.totalRows()) {
      events.add(
          new ImportDetailsChanged(
              now.id(),
              now.orgId(),
              source == null ? now.source() : source.normalized(),
              source == null ? null : source.asSent(),
              fileName,
              totalRows,
              at));
    }

    UUID linked = now.campaignId();
    UUID campaign = command.campaignId().valueFrom(linked);
    if (campaign != null && !campaign.equals(linked)) {
      events.add(new ImportCampaignLinked(now.id(), now.orgId(), campaign, at));
    } else if (campaign == null && linked != null) {
      events.add(new ImportCampaignUnlinked(now.id(), now.orgId(), linked, at));
    }

    if (command.status() != null && command.status() != now.status()) {
      events.add(
          new ImportStatusChanged(now.id(), now.orgId(), now.status(), command.status(), at));
    }
    return events.isEmpty() ? decided(now) : applied(events);
  }

  @CommandHandler
  void delete(DeleteImport command) {
    Active now = active(command.importId(), command.orgId());
    require(command.version(), now);
    apply(new ImportDeleted(now.id(), now.orgId(), nextTime(now, command.at())));
  }

  @EventSourcingHandler
  void on(ImportEvent event, @MessageIdentifier String eventId) {
    state = state.next(event);
    lastEvent = UUID.fromString(eventId);
  }

  /**
   * Refuses an event whose content is unknown: a decision without it would be based on a wrong
   * state.
   */
  @EventSourcingHandler
  void on(UnknownSerializedType event) {
    throw new UndecidableImportException(event.serializedType());
  }

  @AggregateIdentifier
  @Nullable UUID id() {
    return switch (state) {
      case Active active -> active.id();
      case Deleted deleted -> deleted.id();
      case ImportState.Absent _ -> null;
    };
  }

  @JsonProperty("active")
  @Nullable Active activeState() {
    return state instanceof Active active ? active : null;
  }

  @JsonProperty("deleted")
  @Nullable Deleted deletedState() {
    return state instanceof Deleted deleted ? deleted : null;
  }

  /** The id of the import's last event, which the events decided now must follow. */
  @JsonProperty("last_event")
  @Nullable UUID lastEvent() {
    return lastEvent;
  }

  /** What it is after its last event. */
  public ImportState state() {
    return state;
  }

  private DecidedImport applied(List<ImportEvent> events) {
    ImportState next = state;
    for (ImportEvent event : events) {
      next = next.next(event);
      apply(event);
    }
    return decided((Active) next);
  }

  private DecidedImport decided(Active now) {
    UUID last = Objects.requireNonNull(lastEvent, "an import has a last event");
    return new DecidedImport(now, new LastEvent(getVersion(), last));
  }

  private Active active(UUID importId, UUID orgId) {
    if (state instanceof Active active && active.orgId().equals(orgId)) return active;
    throw new ImportNotFoundException(importId);
  }

  private static void require(VersionCondition wanted, Active now) {
    if (!wanted.allows(getVersion())) throw new OtherVersionException(now.id(), getVersion());
  }

  private static Instant nextTime(Active now, Instant at) {
    Instant earliest = now.updatedAt().plus(1, ChronoUnit.MICROS);
    Instant given = micros(at);
    return given.isAfter(earliest) ? given : earliest;
  }

  private static Instant micros(Instant at) {
    return at.truncatedTo(ChronoUnit.MICROS);
  }
}
