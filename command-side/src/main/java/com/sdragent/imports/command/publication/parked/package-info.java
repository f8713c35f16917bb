/** Events that could not be published, as operators see and treat them. */
@NullMarked
package com.sdragent.imports.command.publication.parked;

import org.jspecify.annotations.NullMarked;
