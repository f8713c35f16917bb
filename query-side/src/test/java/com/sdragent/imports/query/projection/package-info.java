@NullMarked
package com.sdragent.imports.query.projection;

import org.jspecify.annotations.NullMarked;
