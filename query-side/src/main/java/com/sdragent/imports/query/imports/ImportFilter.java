package com.sdragent.imports.query.imports;

import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.events.ImportStatus;
import com.sdragent.imports.eventstore.Micros;
import com.sdragent.imports.query.web.Cursor;
import com.sdragent.imports.web.RequestParameters;
import com.sdragent.imports.web.StrictText;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The imports that a list shows. A null does not restrict them.
 *
 * @param source the normalized label, as answers show it
 * @param createdAfter the earliest time, itself excluded, as are the other times
 */
public record ImportFilter(
    UUID orgId,
    @Nullable ImportStatus status,
    @Nullable UUID campaignId,
    @Nullable String source,
    @Nullable Instant createdAfter,
    @Nullable Instant createdBefore,
    @Nullable Instant updatedAfter) {

  private static final int LONGEST_SOURCE = 255;

  public ImportFilter {
    createdAfter = createdAfter == null ? null : Micros.floor(createdAfter);
    createdBefore = createdBefore == null ? null : Micros.ceiling(createdBefore);
    updatedAfter = updatedAfter == null ? null : Micros.floor(updatedAfter);
  }

  /** The filter that a request asks for. The parameters collect its errors. */
  static ImportFilter of(RequestParameters parameters, UUID orgId) {
    return new ImportFilter(
        orgId,
        status(parameters),
        parameters.uuid("campaign_id"),
        source(parameters),
        parameters.time("created_after"),
        parameters.time("created_before"),
        parameters.time("updated_after"));
  }

  /** The status that a request asks for, or null. */
  public static @Nullable ImportStatus status(RequestParameters parameters) {
    return parameters.value(
        "status", ImportStatus::labelled, "must be one of pending, processing, completed, failed");
  }

  /** The source that a request asks for, or null. */
  public static @Nullable String source(RequestParameters parameters) {
    return parameters.value(
        "source",
        ImportFilter::storable,
        "must be a source as answers show it, of 1 to " + LONGEST_SOURCE + " characters");
  }

  private static Optional<String> storable(String text) {
    int length = text.codePointCount(0, text.length());
    return length > 0 && length <= LONGEST_SOURCE && StrictText.isStorable(text)
        ? Optional.of(text)
        : Optional.empty();
  }

  /** Whether the list shows this import. */
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
   * Whether an index leads to each row of the list, in its order. One index serves one of the
   * labels and the time of creation; any other condition is checked by looking at rows.
   */
  boolean isIndexed() {
    long labels = Stream.of(status, campaignId, source).filter(Objects::nonNull).count();
    return labels <= 1 && updatedAfter == null;
  }

  /**
   * The parameters that ask for the next page.
   *
   * @param asOf the time that the list is about, or null for now
   * @param last the last import of the page
   */
  public String nextPage(@Nullable Instant asOf, int limit, Active last) {
    var address = new StringBuilder("limit=").append(limit);
    append(address, "as_of", asOf);
    append(address, "status", status == null ? null : status.label());
    append(address, "campaign_id", campaignId);
    append(address, "source", source);
    append(address, "created_after", createdAfter);
    append(address, "created_before", createdBefore);
    append(address, "updated_after", updatedAfter);
    append(address, "cursor", new Cursor(last.createdAt(), last.id()).encoded());
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
