/** Building a projection again from the first event, while the old rows are read. */
@NullMarked
package com.sdragent.imports.query.projection.rebuild;

import org.jspecify.annotations.NullMarked;
