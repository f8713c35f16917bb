@NullMarked
package com.sdragent.imports.events;

import org.jspecify.annotations.NullMarked;
