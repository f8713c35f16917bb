package com.sdragent.imports.contenders.jpa;

import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A row of the table. It is what is stored and, as it has the API's fields, what is answered. */
@Entity
@Table(name = "plain_import")
class PlainImport {
  @Id
  @GeneratedValue(strategy = GenerationType.UUID)
  private @Nullable UUID id;

  private @Nullable UUID orgId;
  private @Nullable UUID campaignId;
  private @Nullable String source;
  private @Nullable String fileName;
  private @Nullable String status;
  private long totalRows;
  private @Nullable Instant createdAt;
  private @Nullable Instant updatedAt;

  /** For JPA. */
  protected PlainImport() {}

  PlainImport(UUID orgId, ImportFields fields) {
    this.orgId = orgId;
    status = "pending";
    createdAt = Instant.now().truncatedTo(ChronoUnit.MICROS);
    updatedAt = createdAt;
    set(fields);
  }

  /** Changes the fields that were sent. */
  void change(ImportFields fields) {
    set(fields);
    updatedAt = Instant.now().truncatedTo(ChronoUnit.MICROS);
  }

  private void set(ImportFields fields) {
    if (fields.source() != null) source = fields.source();
    if (fields.fileName() != null) fileName = fields.fileName();
    if (fields.campaignId() != null) campaignId = fields.campaignId();
    if (fields.status() != null) status = fields.status();
    if (fields.totalRows() != null) totalRows = fields.totalRows();
  }

  public @Nullable UUID getId() {
    return id;
  }

  public @Nullable UUID getOrgId() {
    return orgId;
  }

  public @Nullable UUID getCampaignId() {
    return campaignId;
  }

  public @Nullable String getSource() {
    return source;
  }

  public @Nullable String getFileName() {
    return fileName;
  }

  public @Nullable String getStatus() {
    return status;
  }

  public long getTotalRows() {
    return totalRows;
  }

  public @Nullable Instant getCreatedAt() {
    return createdAt;
  }

  public @Nullable Instant getUpdatedAt() {
    return updatedAt;
  }
}
