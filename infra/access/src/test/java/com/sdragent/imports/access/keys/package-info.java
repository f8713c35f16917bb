@NullMarked
package com.sdragent.imports.access.keys;

import org.jspecify.annotations.NullMarked;
