package com.sdragent.imports.events;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.time.Instant;
import java.util.UUID;

/** The status of an import changed. */
@JsonPropertyOrder({"import_id", "org_id", "from", "to", "occurred_at"})
public record ImportStatusChanged(
    @JsonProperty("import_id") UUID importId,
    @JsonProperty("org_id") UUID orgId,
    @JsonProperty("from") ImportStatus from,
    @JsonProperty("to") ImportStatus to,
    @JsonProperty("occurred_at") Instant occurredAt)
    implements ImportEvent {
  @Override
  public <R> R accept(Visitor<R> visitor) {
    return visitor.statusChanged(this);
  }
}
