@NullMarked
package com.sdragent.imports.eventstore.sessions;

import org.jspecify.annotations.NullMarked;
