package com.sdragent.imports.events;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.time.Instant;
import java.util.UUID;

/**
 * An import was linked to a campaign, in place of the campaign that it was linked to before, if
 * any.
 */
@JsonPropertyOrder({"import_id", "org_id", "campaign_id", "occurred_at"})
public record ImportCampaignLinked(
    @JsonProperty("import_id") UUID importId,
    @JsonProperty("org_id") UUID orgId,
    @JsonProperty("campaign_id") UUID campaignId,
    @JsonProperty("occurred_at") Instant occurredAt)
    implements ImportEvent {
  @Override
  public <R> R accept(Visitor<R> visitor) {
    return visitor.campaignLinked(this);
  }
}
