@NullMarked
package com.sdragent.imports.tool;

import org.jspecify.annotations.NullMarked;
