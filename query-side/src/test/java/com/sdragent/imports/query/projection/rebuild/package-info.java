@NullMarked
package com.sdragent.imports.query.projection.rebuild;

import org.jspecify.annotations.NullMarked;
