package com.sdragent.imports.command.web;

import com.sdragent.imports.command.domain.FieldUpdate;
import com.sdragent.imports.command.domain.SourceLabel;
import com.sdragent.imports.events.ImportStatus;
import com.sdragent.imports.web.FieldErrors;
import com.sdragent.imports.web.StrictText;
import com.sdragent.imports.web.StrictUuid;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Checks the fields of a request one by one and collects what is wrong with each, in the order of
 * the published table. Unknown fields are ignored.
 */
final class ImportRequestFields {
  private static final long MOST_ROWS = 9_007_199_254_740_991L;
  private static final int LONGEST_FILE_NAME = 1024;

  private final JsonNode body;
  private final FieldErrors errors = new FieldErrors();

  private ImportRequestFields(JsonNode body) {
    this.body = body;
  }

  static ImportRequest.Create create(JsonNode body) {
    var fields = new ImportRequestFields(body);
    SourceLabel source = fields.source();
    if (!body.has("source")) fields.wrong("source", "field is required");
    String fileName = fields.fileName();
    UUID campaignId = fields.campaignId();
    ImportStatus status = fields.status();
    Long totalRows = fields.totalRows();
    fields.errors.check();
    return new ImportRequest.Create(
        Objects.requireNonNull(source, "one that is wrong was refused"),
        fileName,
        campaignId,
        status == null ? ImportStatus.PENDING : status,
        totalRows == null ? 0 : totalRows);
  }

  static ImportRequest.Update update(JsonNode body) {
    var fields = new ImportRequestFields(body);
    SourceLabel source = fields.source();
    FieldUpdate<String> fileName =
        body.has("file_name") ? FieldUpdate.to(fields.fileName()) : FieldUpdate.keep();
    FieldUpdate<UUID> campaignId =
        body.has("campaign_id") ? FieldUpdate.to(fields.campaignId()) : FieldUpdate.keep();
    ImportStatus status = fields.status();
    Long totalRows = fields.totalRows();
    fields.errors.check();
    return new ImportRequest.Update(source, fileName, campaignId, status, totalRows);
  }

  private @Nullable SourceLabel source() {
    String label = string("source", SourceLabel.MAX_SENT, false);
    if (label == null) return null;
    String normalized = SourceLabel.normalize(label);
    int length = normalized.codePointCount(0, normalized.length());
    if (length >= 1 && length <= SourceLabel.MAX_NORMALIZED) {
      return new SourceLabel(label, normalized);
    }
    wrong(
        "source",
        length == 0
            ? "must not be blank"
            : "must have at most " + SourceLabel.MAX_NORMALIZED + " characters when normalized");
    return null;
  }

  private @Nullable String fileName() {
    return string("file_name", LONGEST_FILE_NAME, true);
  }

  private @Nullable UUID campaignId() {
    JsonNode value = body.get("campaign_id");
    if (value == null || value.isNull()) return null;
    Optional<UUID> id = value.isString() ? StrictUuid.parse(value.stringValue()) : Optional.empty();
    if (id.isEmpty()) wrong("campaign_id", "must be a UUID or null");
    return id.orElse(null);
  }

  private @Nullable ImportStatus status() {
    JsonNode value = body.get("status");
    if (value == null) return null;
    Optional<ImportStatus> status =
        value.isString() ? ImportStatus.labelled(value.stringValue()) : Optional.empty();
    if (status.isEmpty()) wrong("status", "must be one of pending, processing, completed, failed");
    return status.orElse(null);
  }

  private @Nullable Long totalRows() {
    JsonNode value = body.get("total_rows");
    if (value == null) return null;
    if (value.isIntegralNumber()
        && value.canConvertToLong()
        && value.longValue() >= 0
        && value.longValue() <= MOST_ROWS) {
      return value.longValue();
    }
    wrong("total_rows", "must be an integer from 0 to " + MOST_ROWS);
    return null;
  }

  private @Nullable String string(String field, int longest, boolean mayBeNull) {
    JsonNode value = body.get(field);
    if (value == null || (mayBeNull && value.isNull())) return null;
    if (!value.isString()) {
      wrong(field, mayBeNull ? "must be a string or null" : "must be a string");
      return null;
    }
    String text = value.stringValue();
    if (text.codePointCount(0, text.length()) > longest) {
      wrong(field, "must have at most " + longest + " characters");
      return null;
    }
    if (!StrictText.isStorable(text)) {
      wrong(field, "must not contain NUL or unpaired surrogates");
      return null;
    }
    return text;
  }

  private void wrong(String field, String message) {
    errors.wrong(field, message);
  }
}
