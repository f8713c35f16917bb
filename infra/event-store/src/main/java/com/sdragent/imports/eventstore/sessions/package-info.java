/** Sessions of PostgreSQL as the service's statements need them, pooled or not. */
@NullMarked
package com.sdragent.imports.eventstore.sessions;

import org.jspecify.annotations.NullMarked;
