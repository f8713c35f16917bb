/** The second projection: how many imports an organization has, and what happened day by day. */
@NullMarked
package com.sdragent.imports.query.summary;

import org.jspecify.annotations.NullMarked;
