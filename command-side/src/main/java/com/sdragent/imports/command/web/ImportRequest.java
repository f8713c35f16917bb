package com.sdragent.imports.command.web;

import com.sdragent.imports.command.domain.FieldUpdate;
import com.sdragent.imports.command.domain.SourceLabel;
import com.sdragent.imports.events.ImportStatus;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The body of a request, checked. */
sealed interface ImportRequest {

  /** The fields of a POST. */
  record Create(
      SourceLabel source,
      @Nullable String fileName,
      @Nullable UUID campaignId,
      ImportStatus status,
      long totalRows)
      implements ImportRequest {}

  /** The fields of a PUT or PATCH. A field that was not sent is kept. */
  record Update(
      @Nullable SourceLabel source,
      FieldUpdate<String> fileName,
      FieldUpdate<UUID> campaignId,
      @Nullable ImportStatus status,
      @Nullable Long totalRows)
      implements ImportRequest {}
}
