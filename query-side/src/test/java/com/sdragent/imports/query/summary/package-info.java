@NullMarked
package com.sdragent.imports.query.summary;

import org.jspecify.annotations.NullMarked;
