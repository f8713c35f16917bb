package com.sdragent.imports.events;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What an import is after its events. This is the only place where that is computed: commands
 * decide on the state, projections store it, and as-of reads and consumers fold it.
 */
public sealed interface ImportState {

  /** The revision of this shape and of how it is computed. Whoever stores states notes it. */
  int REVISION = NextState.REVISION;

  /** The state of an import that has no events. */
  static ImportState absent() {
    return new Absent();
  }

  /**
   * The state after one more event.
   *
   * @throws IllegalStateException when the event cannot follow: the history is broken
   */
  default ImportState next(ImportEvent event) {
    return event.accept(new NextState(this));
  }

  /** The import has no events. */
  record Absent() implements ImportState {}

  /**
   * The import exists. Its JSON has exactly the nine fields of the published document, in their
   * order.
   */
  @JsonPropertyOrder({
    "id",
    "org_id",
    "campaign_id",
    "source",
    "file_name",
    "status",
    "total_rows",
    "created_at",
    "updated_at"
  })
  record Active(
      @JsonProperty("id") UUID id,
      @JsonProperty("org_id") UUID orgId,
      @JsonProperty("campaign_id") @Nullable UUID campaignId,
      @JsonProperty("source") String source,
      @JsonProperty("file_name") @Nullable String fileName,
      @JsonProperty("status") ImportStatus status,
      @JsonProperty("total_rows") long totalRows,
      @JsonProperty("created_at") Instant createdAt,
      @JsonProperty("updated_at") Instant updatedAt)
      implements ImportState {

    /**
     * @throws IllegalStateException when a required field is missing: the history is broken
     */
    public Active {
      require("id", id);
      require("org_id", orgId);
      require("source", source);
      require("status", status);
      require("created_at", createdAt);
      require("updated_at", updatedAt);
    }

    private static void require(String field, @Nullable Object value) {
      if (value == null) throw new IllegalStateException("An import without " + field);
    }
  }

  /** The import is gone for good. */
  record Deleted(
      @JsonProperty("id") UUID id,
      @JsonProperty("org_id") UUID orgId,
      @JsonProperty("deleted_at") Instant deletedAt)
      implements ImportState {}
}
