/** Who is calling and what they may do. */
@NullMarked
package com.sdragent.imports.access;

import org.jspecify.annotations.NullMarked;
