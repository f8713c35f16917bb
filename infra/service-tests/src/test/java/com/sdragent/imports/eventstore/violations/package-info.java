@NullMarked
package com.sdragent.imports.eventstore.violations;

import org.jspecify.annotations.NullMarked;
