package com.sdragent.imports.contenders.axon;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.axonframework.commandhandling.CommandHandler;
import org.axonframework.eventsourcing.EventSourcingHandler;
import org.axonframework.modelling.command.AggregateIdentifier;
import org.axonframework.modelling.command.AggregateLifecycle;
import org.axonframework.modelling.command.TargetAggregateIdentifier;
import org.axonframework.spring.stereotype.Aggregate;
import org.jspecify.annotations.Nullable;

/** An import as an aggregate. Both of its events tell what the import is after them. */
@Aggregate
class StoredImport {
  /** Nobody is authenticated: the one organization that there is. */
  private static final UUID ORGANIZATION = UUID.fromString("123e4567-e89b-12d3-a456-426614174000");

  record Create(@TargetAggregateIdentifier UUID id, ImportFields fields) {}

  record Update(@TargetAggregateIdentifier UUID id, ImportFields fields) {}

  record Created(ImportDetails details) {}

  record Updated(ImportDetails details) {}

  /** Read by Axon. */
  @SuppressWarnings("UnusedVariable")
  @AggregateIdentifier
  private @Nullable UUID id;

  private @Nullable ImportDetails details;

  /** For Axon. */
  protected StoredImport() {}

  @CommandHandler
  StoredImport(Create create) {
    Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
    var pending =
        new ImportDetails(create.id(), ORGANIZATION, null, "", null, "pending", 0, now, now);
    AggregateLifecycle.apply(new Created(changed(pending, create.fields())));
  }

  @CommandHandler
  @Nullable ImportDetails handle(Update update) {
    if (details == null) throw new IllegalStateException("No import " + update.id());
    AggregateLifecycle.apply(new Updated(changed(details, update.fields())));
    return details;
  }

  @EventSourcingHandler
  void on(Created event) {
    id = event.details().id();
    details = event.details();
  }

  @EventSourcingHandler
  void on(Updated event) {
    details = event.details();
  }

  private static ImportDetails changed(ImportDetails before, ImportFields fields) {
    return new ImportDetails(
        before.id(),
        before.orgId(),
        fields.campaignId() == null ? before.campaignId() : fields.campaignId(),
        fields.source() == null ? before.source() : fields.source(),
        fields.fileName() == null ? before.fileName() : fields.fileName(),
        fields.status() == null ? before.status() : fields.status(),
        fields.totalRows() == null ? before.totalRows() : fields.totalRows(),
        before.createdAt(),
        Instant.now().truncatedTo(ChronoUnit.MICROS));
  }
}
