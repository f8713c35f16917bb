/**
 * The audit trail as it is stored: who did what. It needs the JDK alone, because {@code
 * imports-tool} has it too.
 */
@NullMarked
package com.sdragent.imports.access.trail;

import org.jspecify.annotations.NullMarked;
