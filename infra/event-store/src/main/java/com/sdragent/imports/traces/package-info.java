/**
 * Traces beyond the request itself: the steps of a request, and what is done for many of them at
 * once.
 */
@NullMarked
package com.sdragent.imports.traces;

import org.jspecify.annotations.NullMarked;
