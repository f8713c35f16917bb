/** The query side: it turns events into rows and answers from them. */
@NullMarked
package com.sdragent.imports.query;

import org.jspecify.annotations.NullMarked;
