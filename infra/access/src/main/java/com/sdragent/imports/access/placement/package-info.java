/** Which store an organization is on, when there are several. */
@NullMarked
package com.sdragent.imports.access.placement;

import org.jspecify.annotations.NullMarked;
