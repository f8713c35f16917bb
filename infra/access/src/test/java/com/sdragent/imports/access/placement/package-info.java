@NullMarked
package com.sdragent.imports.access.placement;

import org.jspecify.annotations.NullMarked;
