/**
 * Projections: rows that are made from events. This package keeps any {@link
 * com.sdragent.imports.query.projection.Projection} current, and knows none of its columns.
 */
@NullMarked
package com.sdragent.imports.query.projection;

import org.jspecify.annotations.NullMarked;
