@NullMarked
package com.sdragent.imports.query.reads;

import org.jspecify.annotations.NullMarked;
