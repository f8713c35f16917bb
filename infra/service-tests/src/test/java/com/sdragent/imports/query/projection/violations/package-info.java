@NullMarked
package com.sdragent.imports.query.projection.violations;

import org.jspecify.annotations.NullMarked;
