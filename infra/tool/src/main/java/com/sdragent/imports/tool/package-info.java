/** What an operator or an auditor does from a terminal. */
@NullMarked
package com.sdragent.imports.tool;

import org.jspecify.annotations.NullMarked;
