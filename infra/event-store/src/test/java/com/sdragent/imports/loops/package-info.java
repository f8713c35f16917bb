@NullMarked
package com.sdragent.imports.loops;

import org.jspecify.annotations.NullMarked;
