/** As whom requests read: a role from which PostgreSQL hides the rows of other organizations. */
@NullMarked
package com.sdragent.imports.query.reads;

import org.jspecify.annotations.NullMarked;
