/** Makes and revokes keys in the database itself, for operators and for the first key. */
@NullMarked
package com.sdragent.imports.tool.keys;

import org.jspecify.annotations.NullMarked;
