/** The tables of events that a projection could not take. */
@NullMarked
package com.sdragent.imports.query.projection.parked;

import org.jspecify.annotations.NullMarked;
