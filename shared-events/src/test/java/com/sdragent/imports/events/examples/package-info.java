/** Consumers to begin with: the page on consuming events shows them. */
@NullMarked
package com.sdragent.imports.events.examples;

import org.jspecify.annotations.NullMarked;
