package com.sdragent.imports.events;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An import was created.
 *
 * @param source the normalized label of the source
 * @param sourceLabel the label as the client sent it
 */
@JsonPropertyOrder({
  "import_id",
  "org_id",
  "campaign_id",
  "source",
  "source_label",
  "file_name",
  "status",
  "total_rows",
  "occurred_at"
})
public record ImportCreated(
    @JsonProperty("import_id") UUID importId,
    @JsonProperty("org_id") UUID orgId,
    @JsonProperty("campaign_id") @Nullable UUID campaignId,
    @JsonProperty("source") String source,
    @JsonProperty("source_label") String sourceLabel,
    @JsonProperty("file_name") @Nullable String fileName,
    @JsonProperty("status") ImportStatus status,
    @JsonProperty("total_rows") long totalRows,
    @JsonProperty("occurred_at") Instant occurredAt)
    implements ImportEvent {
  @Override
  public <R> R accept(Visitor<R> visitor) {
    return visitor.created(this);
  }
}
