package com.sdragent.imports.query.view;

import org.jspecify.annotations.Nullable;

/**
 * A list of imports as it is asked for.
 *
 * @param limit how many a page should have, or null for everything
 * @param cursor the end of the page before, or null for the beginning
 */
public record ListRequest(ImportFilter filter, @Nullable Integer limit, @Nullable Cursor cursor) {}
