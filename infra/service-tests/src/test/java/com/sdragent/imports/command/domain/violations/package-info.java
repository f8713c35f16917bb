@NullMarked
package com.sdragent.imports.command.domain.violations;

import org.jspecify.annotations.NullMarked;
