/**
 * API keys as they are written and stored. It needs the JDK alone, because {@code imports-tool} has
 * it too.
 */
@NullMarked
package com.sdragent.imports.access.keys;

import org.jspecify.annotations.NullMarked;
