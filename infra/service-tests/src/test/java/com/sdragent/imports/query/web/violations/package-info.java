@NullMarked
package com.sdragent.imports.query.web.violations;

import org.jspecify.annotations.NullMarked;
