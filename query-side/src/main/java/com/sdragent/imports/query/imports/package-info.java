/** The read model of imports: its columns and rows, and the routes that read it. */
@NullMarked
package com.sdragent.imports.query.imports;

import org.jspecify.annotations.NullMarked;
