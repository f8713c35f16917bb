package com.sdragent.imports.events;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.time.Instant;
import java.util.UUID;

/** An import was deleted. Nothing follows; its id is never used again. */
@JsonPropertyOrder({"import_id", "org_id", "occurred_at"})
public record ImportDeleted(
    @JsonProperty("import_id") UUID importId,
    @JsonProperty("org_id") UUID orgId,
    @JsonProperty("occurred_at") Instant occurredAt)
    implements ImportEvent {
  @Override
  public <R> R accept(Visitor<R> visitor) {
    return visitor.deleted(this);
  }
}
