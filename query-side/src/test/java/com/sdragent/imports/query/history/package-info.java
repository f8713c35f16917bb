@NullMarked
package com.sdragent.imports.query.history;

import org.jspecify.annotations.NullMarked;
