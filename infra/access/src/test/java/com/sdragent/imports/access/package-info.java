@NullMarked
package com.sdragent.imports.access;

import org.jspecify.annotations.NullMarked;
