/** The past: one import's history, lists as of a time, and the organization's feed of events. */
@NullMarked
package com.sdragent.imports.query.history;

import org.jspecify.annotations.NullMarked;
