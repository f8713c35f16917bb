@NullMarked
package com.sdragent.imports.command.violations;

import org.jspecify.annotations.NullMarked;
