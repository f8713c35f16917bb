@NullMarked
package com.sdragent.imports.query.projection.parked;

import org.jspecify.annotations.NullMarked;
