package com.sdragent.imports.contenders.axon;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Index;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A row of the read model. */
@Entity
@Table(
    name = "projected_import",
    indexes = @Index(name = "projected_import_list", columnList = "orgId, createdAt desc, id desc"))
class ProjectedImport {
  @Id private @Nullable UUID id;
  private @Nullable UUID orgId;
  private @Nullable UUID campaignId;
  private @Nullable String source;
  private @Nullable String fileName;
  private @Nullable String status;
  private long totalRows;
  private @Nullable Instant createdAt;
  private @Nullable Instant updatedAt;

  /** For JPA. */
  protected ProjectedImport() {}

  ProjectedImport(ImportDetails details) {
    set(details);
  }

  final void set(ImportDetails details) {
    id = details.id();
    orgId = details.orgId();
    campaignId = details.campaignId();
    source = details.source();
    fileName = details.fileName();
    status = details.status();
    totalRows = details.totalRows();
    createdAt = details.createdAt();
    updatedAt = details.updatedAt();
  }

  ImportDetails details() {
    return new ImportDetails(
        Objects.requireNonNull(id),
        Objects.requireNonNull(orgId),
        campaignId,
        Objects.requireNonNull(source),
        fileName,
        Objects.requireNonNull(status),
        totalRows,
        Objects.requireNonNull(createdAt),
        Objects.requireNonNull(updatedAt));
  }
}
