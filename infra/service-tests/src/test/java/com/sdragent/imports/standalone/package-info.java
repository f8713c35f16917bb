@NullMarked
package com.sdragent.imports.standalone;

import org.jspecify.annotations.NullMarked;
