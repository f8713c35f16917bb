@NullMarked
package com.sdragent.imports.eventstore;

import org.jspecify.annotations.NullMarked;
