/** What a process tells of itself: traces, and what it is. */
@NullMarked
package com.sdragent.imports.telemetry;

import org.jspecify.annotations.NullMarked;
