/**
 * The commands that read the store itself: the hash chain, its checkpoints, and the data derived
 * from the events.
 */
@NullMarked
package com.sdragent.imports.tool.verify;

import org.jspecify.annotations.NullMarked;
