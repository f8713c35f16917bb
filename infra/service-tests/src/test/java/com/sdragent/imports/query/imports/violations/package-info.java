@NullMarked
package com.sdragent.imports.query.imports.violations;

import org.jspecify.annotations.NullMarked;
