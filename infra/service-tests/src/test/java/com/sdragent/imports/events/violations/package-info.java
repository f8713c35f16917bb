@NullMarked
package com.sdragent.imports.events.violations;

import org.jspecify.annotations.NullMarked;
