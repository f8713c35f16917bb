@NullMarked
package com.sdragent.imports.query.violations;

import org.jspecify.annotations.NullMarked;
