/** The console: a page for people, which asks the documented routes as every client does. */
@NullMarked
package com.sdragent.imports.query.console;

import org.jspecify.annotations.NullMarked;
