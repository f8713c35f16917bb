/** Who is calling and what they may do, and how the service says that it could not. */
@NullMarked
package com.sdragent.imports.access;

import org.jspecify.annotations.NullMarked;
