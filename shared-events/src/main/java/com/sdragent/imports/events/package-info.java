/**
 * The published language of the Imports API: what can happen to an import and what it is after
 * that. It needs JDK 17 or later and Jackson 3, and neither Spring nor Axon.
 */
@NullMarked
package com.sdragent.imports.events;

import org.jspecify.annotations.NullMarked;
