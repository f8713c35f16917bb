package com.sdragent.imports.query.view;

import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.events.ImportStatus;
import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Column;
import jakarta.persistence.Convert;
import jakarta.persistence.Converter;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.MappedSuperclass;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import org.hibernate.annotations.Immutable;
import org.jspecify.annotations.Nullable;

/** An import as it is now: a row that the projection writes and JPA only reads. */
@MappedSuperclass
abstract class ImportView {
  @Id private @Nullable UUID id;

  @Column(name = "org_id")
  private @Nullable UUID orgId;

  @Column(name = "campaign_id")
  private @Nullable UUID campaignId;

  private @Nullable String source;

  @Column(name = "file_name")
  private @Nullable String fileName;

  @Convert(converter = StatusLabel.class)
  private @Nullable ImportStatus status;

  @Column(name = "total_rows")
  private long totalRows;

  @Column(name = "created_at")
  private @Nullable Instant createdAt;

  @Column(name = "updated_at")
  private @Nullable Instant updatedAt;

  /** For JPA. */
  protected ImportView() {}

  Active state() {
    return new Active(
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

  /** The rows of generations with an even number. */
  @Entity
  @Immutable
  @Table(name = "import_row_0")
  static class Even extends ImportView {}

  /** The rows of generations with an odd number. */
  @Entity
  @Immutable
  @Table(name = "import_row_1")
  static class Odd extends ImportView {}

  /** Statuses are stored by their published names. */
  @Converter
  static class StatusLabel implements AttributeConverter<ImportStatus, String> {
    @Override
    public String convertToDatabaseColumn(ImportStatus status) {
      return status.label();
    }

    @Override
    public ImportStatus convertToEntityAttribute(String label) {
      return ImportStatus.labelled(label).orElseThrow();
    }
  }
}
