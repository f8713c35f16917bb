@NullMarked
package com.sdragent.imports.query.imports;

import org.jspecify.annotations.NullMarked;
