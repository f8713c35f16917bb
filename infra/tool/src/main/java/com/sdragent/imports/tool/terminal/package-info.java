/** What all commands offer to their users: exit codes, and output that cannot do harm. */
@NullMarked
package com.sdragent.imports.tool.terminal;

import org.jspecify.annotations.NullMarked;
