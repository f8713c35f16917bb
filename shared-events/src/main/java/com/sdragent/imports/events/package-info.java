/**
 * The published language of the Imports API: what can happen to an import and what it is after
 * that. Usable with the JDK and the Jackson annotations alone.
 */
@NullMarked
package com.sdragent.imports.events;

import org.jspecify.annotations.NullMarked;
