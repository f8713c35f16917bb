package com.sdragent.imports.query.view;

import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.events.ImportStatus;
import com.sdragent.imports.eventstore.Micros;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a list shows; null does not restrict.
 *
 * @param source the normalized label, as answers show it
 * @param createdAfter excluded itself, as are the other times
 */
public record ImportFilter(
    UUID orgId,
    @Nullable ImportStatus status,
    @Nullable UUID campaignId,
    @Nullable String source,
    @Nullable Instant createdAfter,
    @Nullable Instant createdBefore,
    @Nullable Instant updatedAfter) {

  public ImportFilter {
    createdAfter = createdAfter == null ? null : Micros.floor(createdAfter);
    createdBefore = createdBefore == null ? null : Micros.ceiling(createdBefore);
    updatedAfter = updatedAfter == null ? null : Micros.floor(updatedAfter);
  }

  /** Whether a list shows it. */
  public boolean shows(Active row) {
    return row.orgId().equals(orgId)
        && (status == null || row.status() == status)
        && (campaignId == null || campaignId.equals(row.campaignId()))
        && (source == null || source.equals(row.source()))
        && (createdAfter == null || row.createdAt().isAfter(createdAfter))
        && (createdBefore == null || row.createdAt().isBefore(createdBefore))
        && (updatedAfter == null || row.updatedAt().isAfter(updatedAfter));
  }

  /**
   * The parameters that ask for the next page.
   *
   * @param asOf the time that the list is about, or null for now
   */
  public String nextPage(@Nullable Instant asOf, int limit, Cursor cursor) {
    var address = new StringBuilder("limit=").append(limit);
    append(address, "as_of", asOf);
    append(address, "status", status == null ? null : status.label());
    append(address, "campaign_id", campaignId);
    append(address, "source", source);
    append(address, "created_after", createdAfter);
    append(address, "created_before", createdBefore);
    append(address, "updated_after", updatedAfter);
    append(address, "cursor", cursor.encoded());
    return address.toString();
  }

  private static void append(StringBuilder address, String name, @Nullable Object value) {
    if (value == null) return;
    address
        .append('&')
        .append(name)
        .append('=')
        .append(URLEncoder.encode(value.toString(), StandardCharsets.UTF_8));
  }
}
