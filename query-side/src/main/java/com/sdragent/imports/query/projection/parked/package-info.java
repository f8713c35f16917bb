/** The tables of events that a projection could not apply. */
@NullMarked
package com.sdragent.imports.query.projection.parked;

import org.jspecify.annotations.NullMarked;
