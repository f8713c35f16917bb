/** The command side: it alone decides what happens to imports. */
@NullMarked
package com.sdragent.imports.command;

import org.jspecify.annotations.NullMarked;
