/** Stores the events of waiting commands, many in one transaction. */
@NullMarked
package com.sdragent.imports.eventstore.append;

import org.jspecify.annotations.NullMarked;
