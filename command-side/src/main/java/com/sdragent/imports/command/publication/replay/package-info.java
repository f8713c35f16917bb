/** Private replays publish events again, into a topic of their own. */
@NullMarked
package com.sdragent.imports.command.publication.replay;

import org.jspecify.annotations.NullMarked;
