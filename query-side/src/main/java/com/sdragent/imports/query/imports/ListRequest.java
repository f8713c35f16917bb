package com.sdragent.imports.query.imports;

import com.sdragent.imports.query.web.Cursor;
import com.sdragent.imports.web.RequestParameters;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A list of imports as a request asks for it.
 *
 * @param limit how many a page should have, or null for everything
 * @param cursor the end of the page before, or null for the beginning
 */
public record ListRequest(ImportFilter filter, @Nullable Integer limit, @Nullable Cursor cursor) {

  /** The list that an organization's request asks for. The parameters collect its errors. */
  public static ListRequest of(RequestParameters parameters, UUID orgId) {
    return new ListRequest(
        ImportFilter.of(parameters, orgId), parameters.limit(), parameters.cursor(Cursor::decoded));
  }
}
