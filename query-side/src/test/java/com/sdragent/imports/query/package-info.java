@NullMarked
package com.sdragent.imports.query;

import org.jspecify.annotations.NullMarked;
