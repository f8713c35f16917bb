package com.sdragent.imports.events;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.time.Instant;
import java.util.UUID;

/**
 * An import is no longer linked to a campaign.
 *
 * @param campaignId the campaign that it was linked to
 */
@JsonPropertyOrder({"import_id", "org_id", "campaign_id", "occurred_at"})
public record ImportCampaignUnlinked(
    @JsonProperty("import_id") UUID importId,
    @JsonProperty("org_id") UUID orgId,
    @JsonProperty("campaign_id") UUID campaignId,
    @JsonProperty("occurred_at") Instant occurredAt)
    implements ImportEvent {
  @Override
  public <R> R accept(Visitor<R> visitor) {
    return visitor.campaignUnlinked(this);
  }
}
