package com.sdragent.imports.events;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The source, file name or number of rows of an import changed. The event carries all three as they
 * are now.
 *
 * @param source the normalized label of the source
 * @param sourceLabel the label as the client sent it; null when the command left the source alone
 */
@JsonPropertyOrder({
  "import_id",
  "org_id",
  "source",
  "source_label",
  "file_name",
  "total_rows",
  "occurred_at"
})
public record ImportDetailsChanged(
    @JsonProperty("import_id") UUID importId,
    @JsonProperty("org_id") UUID orgId,
    @JsonProperty("source") String source,
    @JsonProperty("source_label") @Nullable String sourceLabel,
    @JsonProperty("file_name") @Nullable String fileName,
    @JsonProperty("total_rows") long totalRows,
    @JsonProperty("occurred_at") Instant occurredAt)
    implements ImportEvent {
  @Override
  public <R> R accept(Visitor<R> visitor) {
    return visitor.detailsChanged(this);
  }
}
