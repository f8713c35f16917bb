/**
 * What reads the store itself: the hash chain, checkpoints of it, and what follows from the events.
 */
@NullMarked
package com.sdragent.imports.tool.verify;

import org.jspecify.annotations.NullMarked;
