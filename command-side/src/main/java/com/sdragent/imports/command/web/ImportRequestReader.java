package com.sdragent.imports.command.web;

import com.sdragent.imports.web.ApiError;
import com.sdragent.imports.web.BodyReader;
import tools.jackson.databind.JsonNode;

/** Reads the bodies of POST, PUT and PATCH. */
final class ImportRequestReader extends BodyReader<ImportRequest> {
  /** A JSON merge patch (RFC 7396). */
  static final String MERGE_PATCH = "application/merge-patch+json";

  ImportRequestReader() {
    super(ImportRequest.class);
  }

  @Override
  protected ImportRequest read(Class<? extends ImportRequest> type, JsonNode body) {
    if (!body.isObject()) throw ApiError.badRequest("The body must be a JSON object");
    return type == ImportRequest.Create.class
        ? ImportRequestFields.create(body)
        : ImportRequestFields.update(body);
  }
}
