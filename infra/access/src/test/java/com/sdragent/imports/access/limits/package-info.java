/** How many requests a caller and an organization may make. */
@NullMarked
package com.sdragent.imports.access.limits;

import org.jspecify.annotations.NullMarked;
