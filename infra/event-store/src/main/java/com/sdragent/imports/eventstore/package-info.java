/** Axon's event storage on PostgreSQL: one gapless, totally ordered log of events. */
@NullMarked
package com.sdragent.imports.eventstore;

import org.jspecify.annotations.NullMarked;
