/** Threads that must not end: each is supervised, so that a node never serves without one. */
@NullMarked
package com.sdragent.imports.loops;

import org.jspecify.annotations.NullMarked;
